'use client';

import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { AskFirst } from '#components/connector/ask-first.tsx';
import { effectSentence } from '#components/text/en/mapping.ts';
import { ruleEffectSentence } from '#components/text/en/mapping-rule.ts';
import * as text from '#components/text/text.ts';
import type { ApplyResult, DiscardResult } from '#lib/connectors/mapping/apply.ts';
import type { ApproveResult, RequestApprovalResult } from '#lib/connectors/mapping/approval.ts';
import type { ProposeAgainResult } from '#lib/connectors/mapping/propose.ts';
import type { ApplyInput, VersionDifference } from '#lib/connectors/mapping/use-cases.ts';
import { mappingAddress } from './addresses.ts';
import { ApplyForm } from './apply-form.tsx';
import { ApprovalOf } from './approval-of.tsx';
import { CompareAgain } from './compare-again.tsx';
import { Overruled } from './overruled.tsx';

const words = text.mapping.effect;

const useStyles = makeStyles({
  block: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalM,
    maxWidth: '640px',
  },
  paragraph: { margin: 0 },
});

/** Which proposal. */
export interface ProposalChoice {
  readonly connectorId: string;
  readonly versionId: string;
}

export interface ProposalActions {
  readonly apply: (input: ApplyInput) => Promise<ApplyResult>;
  readonly requestApproval: (input: Omit<ApplyInput, 'confirmation'>) => Promise<RequestApprovalResult>;
  readonly approve: (
    input: Pick<ApplyInput, 'connectorId' | 'versionId' | 'base' | 'shiftedConfirmation'>,
  ) => Promise<ApproveResult>;
  readonly decline: (
    input: ProposalChoice & { readonly reason: string },
  ) => Promise<{ readonly kind: 'declined' | 'bad_reason' | 'not_requested' | 'not_found' }>;
  readonly discard: (choice: ProposalChoice) => Promise<DiscardResult>;
  readonly compareAgain: (
    choice: ProposalChoice & { readonly portalRows: 'keep' | 'remove' | null },
  ) => Promise<ProposeAgainResult>;
}

export interface EffectProps {
  readonly connectorId: string;
  readonly difference: VersionDifference;
  /** what is to be typed for guards */
  readonly phrases: { readonly apply: string; readonly shifted: string };
  /** null where the person may only look */
  readonly actions: ProposalActions | null;
}

/** *Effect*: what applying does, and everything between a proposal and its being in force. */
export function Effect(props: EffectProps) {
  const styles = useStyles();
  const { connectorId, difference, actions } = props;
  const { version, effect, counts, overruled, stale, rule } = difference;
  // Another administrator's request is declined, with a reason.
  const mayDiscard = version.approval === null || version.createdByMe || version.approval.requestedByMe;
  const isWithoutChange = counts.added + counts.changed + counts.removed === 0;
  return (
    <div className={styles.block}>
      <p className={styles.paragraph}>
        {rule !== null ? ruleEffectSentence(effect) : isWithoutChange ? words.noChange : effectSentence(effect)}
      </p>
      <Overruled overruled={overruled} />
      {actions === null ? null : stale ? (
        <>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{words.stale}</MessageBarBody>
          </MessageBar>
          <CompareAgain connectorId={connectorId} version={version} compareAgain={actions.compareAgain} />
        </>
      ) : version.approval === null ? (
        <ApplyForm {...props} actions={actions} />
      ) : (
        <ApprovalOf {...props} actions={actions} />
      )}
      {actions === null || !mayDiscard ? null : (
        <Discard connectorId={connectorId} version={version} discard={actions.discard} />
      )}
    </div>
  );
}

interface DiscardProps {
  readonly connectorId: string;
  readonly version: { readonly id: string; readonly number: number };
  readonly discard: ProposalActions['discard'];
}

function Discard({ connectorId, version, discard }: DiscardProps) {
  const router = useRouter();
  return (
    <div>
      <AskFirst
        label={words.discard}
        description={words.discardOf(version.number)}
        title={words.discardTitle(version.number)}
        body={words.discardBody}
        appearance="subtle"
        onSaid={() => {}}
        run={async () => {
          const result = await discard({ connectorId, versionId: version.id });
          if (result.kind !== 'discarded') return { problem: words.results[result.kind] };
          router.push(mappingAddress(connectorId));
          return { said: '' };
        }}
      />
    </div>
  );
}
