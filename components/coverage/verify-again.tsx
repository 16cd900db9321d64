'use client';

import { Button, Text } from '@fluentui/react-components';
import { ArrowSyncCheckmarkRegular } from '@fluentui/react-icons';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { VerificationRequestResult } from '#lib/coverage/request.ts';

export interface VerifyAgainProps {
  readonly connectorId: string;
  readonly verify: (connectorId: string) => Promise<VerificationRequestResult>;
  /** nothing was verified yet */
  readonly isFirst: boolean;
  readonly isRunning: boolean;
}

/** A button, and beside it what came of it. */
export function VerifyAgain({ connectorId, verify, isFirst, isRunning }: VerifyAgainProps) {
  const router = useRouter();
  const [busy, start] = useTransition();
  const [said, setSaid] = useState('');
  const words = text.coverage;

  function ask(): void {
    setSaid('');
    start(async () => {
      try {
        const result = await verify(connectorId);
        setSaid(result === 'done' ? words.started : words.results[result]);
        router.refresh();
      } catch (error) {
        setSaid(failureSentence(error));
      }
    });
  }

  return (
    <>
      <Button icon={<ArrowSyncCheckmarkRegular />} disabledFocusable={busy || isRunning} onClick={ask}>
        {isFirst ? words.verifyNow : words.verifyAgain}
      </Button>
      <Text role="status">{said}</Text>
    </>
  );
}
