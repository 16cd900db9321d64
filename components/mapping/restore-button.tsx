'use client';

import { Button, Text } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { RestoreResult } from '#lib/connectors/mapping/versions.ts';
import { versionAddress } from './addresses.ts';

export type Restore = (choice: { readonly connectorId: string; readonly versionId: string }) => Promise<RestoreResult>;

export interface RestoreButtonProps {
  readonly connectorId: string;
  readonly version: { readonly id: string; readonly number: number };
  readonly restore: Restore;
  readonly size?: 'small' | 'medium';
}

/** Proposes a version with the rows of an older one, and goes to where its effect is seen. */
export function RestoreButton({ connectorId, version, restore, size = 'medium' }: RestoreButtonProps) {
  const router = useRouter();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState('');
  const words = text.mapping.compare;

  function propose(): void {
    setProblem('');
    start(async () => {
      try {
        const result = await restore({ connectorId, versionId: version.id });
        if (result.kind === 'proposed') router.push(versionAddress(connectorId, result.versionId));
        else setProblem(words.restoreResults[result.kind]);
      } catch (error) {
        setProblem(failureSentence(error));
      }
    });
  }

  return (
    <>
      <Button size={size} disabledFocusable={busy} onClick={propose}>
        {words.restoreOf(version.number)}
      </Button>
      <Text role="status">{problem}</Text>
    </>
  );
}
