'use client';

import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { type LastImport as Answer, lastImportSchema } from '#lib/imports/last-import-answer.ts';
import { Equations } from './equations.tsx';

const useStyles = makeStyles({
  window: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
});

/** What the last import did: asked for when it is looked at, and again when the stream says that it may be another. */
export function LastImport({ row: { id, lastNumber, toDo } }: { readonly row: ConnectorRow }) {
  const styles = useStyles();
  const [answer, setAnswer] = useState<Answer | 'asking' | 'unreachable'>('asking');
  const [attempt, setAttempt] = useState(0);
  const { waiting, failed, unreadable } = toDo;

  // What is shown stays until the next answer is here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what moves its numbers asks again, and so does a new attempt
  useEffect(() => {
    if (lastNumber === null) return;
    const abort = new AbortController();
    ask(id, abort.signal).then(setAnswer, () => {
      if (!abort.signal.aborted) setAnswer('unreachable');
    });
    return () => abort.abort();
  }, [id, lastNumber, waiting, failed, unreadable, attempt]);

  const words = text.connectors.flyout;
  if (lastNumber === null) return words.noImport;
  if (answer === 'asking') return <Spinner size="tiny" label={words.readingLast} labelPosition="after" />;
  if (answer === 'unreachable') {
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>{text.problems.noAnswer}</MessageBarBody>
        <MessageBarActions>
          <Button size="small" onClick={() => setAttempt((count) => count + 1)}>
            {words.tryAgain}
          </Button>
        </MessageBarActions>
      </MessageBar>
    );
  }
  return (
    <>
      <p className={styles.window}>
        <Time value={answer.windowStart} /> – <Time value={answer.windowEnd} />. {words.completed}{' '}
        <Time value={answer.completedAt} />.
      </p>
      <Equations counts={answer.counts} />
    </>
  );
}

async function ask(connectorId: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(`/api/connectors/${connectorId}/last-import`, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return lastImportSchema.parse(await response.json());
}
