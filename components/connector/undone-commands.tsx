'use client';

import { Field, Input, makeStyles, Select, Text, Textarea, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { RetryResult, RetrySelection } from '#lib/imports/retry.ts';
import type { SignOffRequest, SignOffResult } from '#lib/imports/sign-off.ts';
import { SIGN_OFF_REASONS } from '#lib/imports/sign-off-reasons.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import type { UndoneRow } from '#lib/imports/undone-rows.ts';
import { AskFirst, fieldOf } from './ask-first.tsx';
import { OpenOriginal } from './open-original.tsx';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  list: { display: 'grid', rowGap: tokens.spacingVerticalXS, margin: 0, padding: 0, listStyleType: 'none' },
  item: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    overflowWrap: 'anywhere',
  },
});

/** Each is null for who may not. */
export interface UndoneActions {
  readonly retry: ((selection: RetrySelection) => Promise<RetryResult>) | null;
  readonly signOff: ((request: SignOffRequest) => Promise<SignOffResult>) | null;
}

interface Props {
  readonly connectorId: string;
  readonly undone: UndoneReason;
  /** the sentence that stands above, for names of buttons */
  readonly sentence: string;
}

/** What can be done about all copies of one reason. */
export function UndoneCommands({ actions, ...props }: Props & { readonly actions: UndoneActions }) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const { kind } = props.undone;
  return (
    <div className={styles.bar}>
      {actions.retry !== null && (kind === 'failed' || kind === 'partial') ? (
        <Retry {...props} kind={kind} retry={actions.retry} onSaid={setSaid} />
      ) : null}
      {actions.signOff === null ? null : <SignOff {...props} signOff={actions.signOff} onSaid={setSaid} />}
      <Text role="status">{said}</Text>
    </div>
  );
}

interface RetryProps extends Props {
  readonly kind: RetrySelection['kind'];
  readonly retry: NonNullable<UndoneActions['retry']>;
  readonly onSaid: (sentence: string) => void;
}

function Retry({ connectorId, undone: { reason, count }, kind, sentence, retry, onSaid }: RetryProps) {
  const words = text.commands.retry;
  return (
    <AskFirst
      label={words.label}
      description={words.of(sentence)}
      title={words.title(count)}
      body={words.body}
      size="small"
      onSaid={onSaid}
      run={async () => {
        const result = await retry({ connectorId, kind, reason, importId: null, one: null });
        if (result.kind === 'not_found') return { problem: words.results.not_found };
        return { said: words.done(result.sent, result.skipped) };
      }}
    />
  );
}

interface SignOffProps extends Props {
  readonly signOff: NonNullable<UndoneActions['signOff']>;
  readonly onSaid: (sentence: string) => void;
}

function SignOff({ connectorId, undone: { kind, reason, count }, sentence, signOff, onSaid }: SignOffProps) {
  const words = text.commands.signOff;
  return (
    <AskFirst
      label={words.label}
      description={words.of(sentence)}
      title={words.title(kind, count)}
      body={words.body[kind]}
      size="small"
      onSaid={onSaid}
      run={async (form) => {
        if (fieldOf(form, 'typed').replaceAll(',', '') !== String(count)) return { problem: words.mistyped };
        const why = SIGN_OFF_REASONS.find((one) => one === fieldOf(form, 'reason')) ?? 'other';
        const selection = { connectorId, kind, reason, importId: null, one: null };
        const comment = fieldOf(form, 'comment');
        const result = await signOff({ selection, reason: why, comment, expected: count });
        if (result.kind === 'done') return { said: words.done(result.signedOff) };
        return { problem: result.kind === 'changed' ? words.changed(result.count) : words.results[result.kind] };
      }}
    >
      <Field label={words.reason} required>
        <Select name="reason">
          {SIGN_OFF_REASONS.map((code) => (
            <option key={code} value={code}>
              {words.reasons[code]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={words.comment} required>
        <Textarea name="comment" />
      </Field>
      <Field label={words.typed(count)} required>
        <Input name="typed" autoComplete="off" />
      </Field>
    </AskFirst>
  );
}

/** The oldest of one reason, each with its original; for who may open it. */
export function Originals({
  connectorId,
  undone,
  rows,
}: Omit<Props, 'sentence'> & { readonly rows: readonly UndoneRow[] }) {
  const styles = useStyles();
  const words = text.commands.original;
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>{words.list}</summary>
      {rows.length < undone.count ? <p>{words.oldest(rows.length)}</p> : null}
      <ul className={styles.list}>
        {rows.map((row) => (
          <li key={row.key} className={styles.item}>
            <span>{row.sourceItemId}</span>
            <span>
              {words.arrived} <Time value={row.archivedAt} />
            </span>
            <OpenOriginal connectorId={connectorId} kind={undone.kind} row={row} />
          </li>
        ))}
      </ul>
    </details>
  );
}
