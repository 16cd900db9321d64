'use client';

import { Field, Input, makeStyles, Select, Textarea, tokens } from '@fluentui/react-components';
import { signOffBody } from '#components/text/en/undone.ts';
import * as text from '#components/text/text.ts';
import type { RetryResult, RetrySelection } from '#lib/imports/retry.ts';
import { mayBeRetried, type RetryKind } from '#lib/imports/retryable.ts';
import type { SignOffRequest, SignOffResult } from '#lib/imports/sign-off.ts';
import { SIGN_OFF_REASONS } from '#lib/imports/sign-off-reasons.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import type { UndoneRow } from '#lib/imports/undone-rows.ts';
import { AskFirst, fieldOf } from './ask-first.tsx';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
});

/** As the browser names what it means: a single row by its key. */
export type Named<Selection> = Omit<Selection, 'one'> & { readonly one: string | null };
export type NamedSignOff = Omit<SignOffRequest, 'selection'> & {
  readonly selection: Named<SignOffRequest['selection']>;
};

/** Each is null for who may not. */
export interface UndoneActions {
  readonly retry: ((selection: Named<RetrySelection>) => Promise<RetryResult>) | null;
  readonly signOff: ((request: NamedSignOff) => Promise<SignOffResult>) | null;
}

interface Props {
  readonly connectorId: string;
  readonly undone: UndoneReason;
  /** the one that is meant; null: all of the reason */
  readonly row: UndoneRow | null;
  /** what stands above, for names of buttons */
  readonly sentence: string;
  readonly onSaid: (sentence: string) => void;
}

/** What can be done about all copies of one reason, or about a single one. */
export function UndoneCommands({ actions, ...props }: Props & { readonly actions: UndoneActions }) {
  const styles = useStyles();
  const { kind, reason } = props.undone;
  const { retry, signOff } = actions;
  return (
    <div className={styles.bar}>
      {retry !== null && mayBeRetried(kind, reason) ? <Retry {...props} kind={kind} retry={retry} /> : null}
      {signOff === null ? null : <SignOff {...props} signOff={signOff} />}
    </div>
  );
}

interface RetryProps extends Props {
  readonly kind: RetryKind;
  readonly retry: NonNullable<UndoneActions['retry']>;
}

function Retry({ connectorId, undone: { reason, count }, row, kind, sentence, retry, onSaid }: RetryProps) {
  const words = text.commands.retry;
  return (
    <AskFirst
      label={words.label}
      description={row === null ? words.of(sentence) : words.ofItem(row.sourceItemId)}
      title={words.title(row === null ? count : 1)}
      body={words.body}
      size="small"
      onSaid={onSaid}
      run={async () => {
        const result = await retry({ connectorId, kind, reason, importId: null, one: row?.key ?? null });
        if (result.kind === 'not_found') return { problem: words.results.not_found };
        return { said: words.done(result) };
      }}
    />
  );
}

interface SignOffProps extends Props {
  readonly signOff: NonNullable<UndoneActions['signOff']>;
}

function SignOff({ connectorId, undone, row, sentence, signOff, onSaid }: SignOffProps) {
  const words = text.commands.signOff;
  const { kind, reason } = undone;
  const count = row === null ? undone.count : 1;
  return (
    <AskFirst
      label={words.label}
      description={row === null ? words.of(sentence) : words.ofItem(row.sourceItemId)}
      title={words.title(kind, count)}
      body={signOffBody(kind, reason)}
      size="small"
      onSaid={onSaid}
      run={async (form) => {
        if (row === null && fieldOf(form, 'typed').replaceAll(',', '') !== String(count))
          return { problem: words.mistyped };
        const why = SIGN_OFF_REASONS.find((one) => one === fieldOf(form, 'reason')) ?? 'other';
        const selection = { connectorId, kind, reason, importId: null, one: row?.key ?? null };
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
      {row === null ? (
        <Field label={words.typed(count)} required>
          <Input name="typed" autoComplete="off" />
        </Field>
      ) : null}
    </AskFirst>
  );
}
