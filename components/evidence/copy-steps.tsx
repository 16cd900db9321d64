'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Breakable } from '#components/frame/breakable.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import { evidence } from '#components/text/evidence.ts';
import { evidenceAddress } from '#lib/evidence/address.ts';
import type { CopyProof } from '#lib/evidence/proof.ts';
import { FALLBACK } from '#lib/imports/fallback.ts';
import { CopyState } from './copy-state.tsx';
import { HashValue, IdValue } from './hash-value.tsx';
import { Step, Steps } from './steps.tsx';

const useStyles = makeStyles({
  copy: {
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  paragraph: { margin: 0, overflowWrap: 'anywhere' },
});

interface CopyStepsProps {
  readonly copy: CopyProof;
  readonly connectorId: string;
}

/** One copy: what chose its mailbox, how it was sent, and what is there. */
export function CopySteps({ copy, connectorId }: CopyStepsProps) {
  const styles = useStyles();
  const { participant, number, state, reason } = copy;
  const title = participant === FALLBACK ? evidence.copyForFallback : evidence.copyFor(participant, number);
  const file = evidence.file(copy);
  return (
    <Step title={title}>
      <div className={styles.copy}>
        <Steps label={title}>
          <Step title={evidence.steps.decided}>
            <Paragraph>{evidence.rule(copy)}</Paragraph>
            {file === null ? null : <Paragraph>{file}</Paragraph>}
            {copy.mapping === null ? null : (
              <Paragraph>
                <TextLink href={`/connectors/${connectorId}/mapping/${copy.mapping.versionId}`}>
                  {evidence.version(copy.mapping.version)}
                </TextLink>
              </Paragraph>
            )}
            {copy.mapping?.file?.sha256 == null ? null : <HashValue kind="file" value={copy.mapping.file.sha256} />}
            {copy.mailbox === null || copy.userId === null ? null : (
              <>
                <Paragraph>
                  {evidence.mailbox}: <Breakable>{copy.mailbox}</Breakable>
                </Paragraph>
                <IdValue name={evidence.userId} value={copy.userId} />
              </>
            )}
          </Step>
          {state === 'waiting' || state === 'skipped' ? null : (
            <Step title={evidence.steps.sent}>
              <Paragraph>{evidence.attempts(copy.attempts)}</Paragraph>
              {copy.wasInDoubt ? <Paragraph>{evidence.doubted}</Paragraph> : null}
            </Step>
          )}
          <Step title={evidence.steps.outcome} at={copy.importedAt}>
            <CopyState state={state} reason={reason} />
            {reason === null ? null : <Paragraph>{evidence.why(reason)}</Paragraph>}
            {copy.twin === null ? null : (
              <TextLink href={evidenceAddress({ of: { kind: 'item', sourceItemId: copy.twin } })}>
                {evidence.twin(copy.twin)}
              </TextLink>
            )}
            {copy.messageId === null ? null : (
              <>
                <IdValue name={evidence.messageId} value={copy.messageId} />
                <HashValue kind="content" value={copy.contentHash} />
              </>
            )}
          </Step>
        </Steps>
      </div>
    </Step>
  );
}

function Paragraph({ children }: { readonly children: ReactNode }) {
  return <p className={useStyles().paragraph}>{children}</p>;
}
