'use client';

import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';

const words = text.mapping.difference;

const useStyles = makeStyles({
  line: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    color: tokens.colorNeutralForeground2,
  },
});

interface Compared {
  readonly connectorId: string;
  readonly versionId: string;
  readonly against: string | null;
}

export interface CountedAtProps {
  readonly at: Date;
  readonly input: Compared;
  readonly countAgain: (input: Compared) => Promise<void>;
}

/** How old the counts of a difference are. They are kept for a while, because counting reads every row of two versions. */
export function CountedAt({ at, input, countAgain }: CountedAtProps) {
  const styles = useStyles();
  const router = useRouter();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState('');

  function again(): void {
    setProblem('');
    start(async () => {
      try {
        await countAgain(input);
        router.refresh();
      } catch (error) {
        setProblem(failureSentence(error));
      }
    });
  }

  return (
    <div className={styles.line}>
      <span>
        {words.countedAt} <Time value={at} />
      </span>
      <Button size="small" appearance="subtle" disabledFocusable={busy} onClick={again}>
        {words.countAgain}
      </Button>
      <Text role="status">{problem}</Text>
    </div>
  );
}
