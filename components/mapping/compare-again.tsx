'use client';

import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { versionAddress } from './addresses.ts';
import type { ProposalActions } from './effect.tsx';
import { PortalRows } from './portal-rows.tsx';

const words = text.mapping.effect;

export interface CompareAgainProps {
  readonly connectorId: string;
  readonly version: VersionSummary;
  readonly compareAgain: ProposalActions['compareAgain'];
  /** the same page is read again: an older version's rows are the same beside whatever is in force */
  readonly onRefreshed?: () => void;
}

/** Makes the proposal anew on what is in force now, and goes there. */
export function CompareAgain({ connectorId, version, compareAgain, onRefreshed }: CompareAgainProps) {
  const router = useRouter();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<string | null>(null);
  const [asks, setAsks] = useState<number | null>(null);

  function again(portalRows: 'keep' | 'remove' | null): void {
    setProblem(null);
    if (version.mode === 'restore') {
      router.refresh();
      onRefreshed?.();
      return;
    }
    start(async () => {
      try {
        const result = await compareAgain({ connectorId, versionId: version.id, portalRows });
        if (result.kind === 'proposed') router.replace(versionAddress(connectorId, result.versionId));
        else if (result.kind === 'asks_portal_rows') setAsks(result.count);
        else setProblem(words.results[result.kind]);
      } catch (error) {
        setProblem(failureSentence(error));
      }
    });
  }

  return (
    <>
      {problem === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody role="alert">{problem}</MessageBarBody>
        </MessageBar>
      )}
      {asks === null ? (
        <div>
          <Button appearance="primary" disabledFocusable={busy} onClick={() => again(null)}>
            {words.compareAgain}
          </Button>
        </div>
      ) : (
        <PortalRows count={asks} busy={busy} onDecide={again} />
      )}
    </>
  );
}
