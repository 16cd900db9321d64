'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Breakable } from '#components/frame/breakable.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import { evidence } from '#components/text/evidence.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { LaterEvent, Proof } from '#lib/evidence/proof.ts';
import { CopySteps } from './copy-steps.tsx';
import { HashValue } from './hash-value.tsx';
import { Step, Steps } from './steps.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: 'none' },
  attachment: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXXS },
  name: { overflowWrap: 'anywhere' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300 },
});

/** All that is known of an item, in the order in which it happened. */
export function Timeline({ proof }: { readonly proof: Proof }) {
  const { line, source, window, import: run, copies, later, attachments } = proof;
  return (
    <Steps label={evidence.proofOf(line.sourceItemId)}>
      <Step title={evidence.steps.reached} at={line.archivedAt}>
        <Paragraph>{evidence.account(source.account)}</Paragraph>
        <Paragraph>
          {proof.messageTime === null ? (
            evidence.noMessageTime
          ) : (
            <>
              {evidence.messageTime} <Time value={proof.messageTime} />
            </>
          )}
        </Paragraph>
        <HashValue kind="source" value={source.sha256} />
        {attachments.length === 0 ? null : <Attachments attachments={attachments} />}
      </Step>
      <Step title={evidence.steps.window}>
        <Paragraph>
          {evidence.windowOf} <Time value={window.from} /> – <Time value={window.to} />
        </Paragraph>
      </Step>
      <Step title={evidence.steps.collected}>
        <Paragraph>
          <TextLink href={`/connectors/${proof.connectorId}/imports?olderThan=${run.number + 1}`}>
            {evidence.importBy(run.number, line.connector)}
          </TextLink>
          {`. ${text.connectors.imports.columns.trigger}: ${triggerOf(run.trigger)}.`}
        </Paragraph>
        <Paragraph>
          {run.collectedAt === null ? (
            evidence.collecting
          ) : (
            <>
              {evidence.collectedAt} <Time value={run.collectedAt} />
            </>
          )}
        </Paragraph>
        {proof.reason === null ? null : <Paragraph>{evidence.why(proof.reason)}</Paragraph>}
      </Step>
      {copies.map((copy) => (
        <CopySteps key={copy.id} copy={copy} connectorId={proof.connectorId} />
      ))}
      <Step title={evidence.steps.later}>
        {later.length === 0 ? <Paragraph>{evidence.laterNothing}</Paragraph> : <Later events={later} />}
      </Step>
    </Steps>
  );
}

function triggerOf(trigger: string): string {
  const words: Readonly<Record<string, string>> = text.connectors.imports.triggers;
  return words[trigger] ?? trigger;
}

function Paragraph({ children }: { readonly children: ReactNode }) {
  return <p style={{ margin: 0 }}>{children}</p>;
}

function Attachments({ attachments }: Pick<Proof, 'attachments'>) {
  const styles = useStyles();
  return (
    <>
      <h4 className={styles.heading}>{evidence.attachments}</h4>
      <ul className={styles.list}>
        {attachments.map(({ sourceAttachmentId, size, reason, sha256 }) => (
          <li key={sourceAttachmentId} className={styles.attachment}>
            <span className={styles.name}>{evidence.attachment(sourceAttachmentId, size)}</span>
            {reason === null ? null : <span>{evidence.why(reason)}</span>}
            {sha256 === null ? null : <HashValue kind="attachment" value={sha256} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function Later({ events }: { readonly events: readonly LaterEvent[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {events.map((event) => (
        <li key={`${event.at} ${event.kind} ${'from' in event ? event.from : ''}`} className={styles.attachment}>
          <Time value={event.at} />
          <span className={styles.name}>
            <Breakable>{evidence.laterEvent(event)}</Breakable>
          </span>
          {event.kind === 'changed' ? <HashValue kind="changed" value={event.sha256} /> : null}
        </li>
      ))}
    </ul>
  );
}
