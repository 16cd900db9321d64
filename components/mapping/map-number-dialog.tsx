'use client';

import { Field, Input, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { type Answer, fieldOf } from '#components/connector/ask-first.tsx';
import { AskFirstDialog } from '#components/connector/ask-first-dialog.tsx';
import * as text from '#components/text/text.ts';
import type { MapNumberResult } from '#lib/connectors/mapping/map-number.ts';
import type { WaitingNumber } from '#lib/connectors/mapping/use-cases.ts';
import { rowErrorReason } from '#lib/mapping/words.ts';
import type { MapNumbersProps } from './map-number.tsx';
import { type FindMembers, PeoplePicker } from './people-picker.tsx';

const words = text.mapping.mapNumber;

export interface MapNumberDialogProps {
  readonly connectorId: string;
  readonly one: WaitingNumber;
  readonly map: NonNullable<MapNumbersProps['map']>;
  readonly findMembers: FindMembers;
  readonly onSaid: (sentence: string) => void;
  readonly onClose: () => void;
}

/** Asks in which mailbox somebody's messages go, and why. */
export function MapNumberDialog({ connectorId, one, map, findMembers, onSaid, onClose }: MapNumberDialogProps) {
  const { number, suggested, waiting } = one;
  const [asksFrom, setAsksFrom] = useState(false);
  async function run(form: FormData): Promise<Answer> {
    const mailbox = fieldOf(form, 'mailbox');
    const from = dayOf(fieldOf(form, 'from'));
    if (from === undefined) return { problem: words.badFrom };
    const result = await map({ connectorId, number, mailbox, from, reason: fieldOf(form, 'reason') });
    if (result.kind === 'asks_from') setAsksFrom(true);
    return answerOf(result, mailbox);
  }
  const asks = {
    title: words.dialogTitle(words.who(one)),
    body: words.body,
    label: words.submit(waiting),
    run,
    onSaid,
  };
  return (
    <AskFirstDialog asks={asks} onClose={onClose}>
      <PeoplePicker
        name="mailbox"
        label={words.mailbox}
        hint={words.mailboxHint}
        initial={suggested ?? ''}
        find={findMembers}
      />
      {asksFrom ? (
        <Field label={words.from} hint={words.fromHint} required>
          <Input name="from" type="date" />
        </Field>
      ) : null}
      <Field label={words.why} required>
        <Textarea name="reason" />
      </Field>
    </AskFirstDialog>
  );
}

/** The beginning of a day in UTC; null where none was entered, undefined where it is none. */
function dayOf(entered: string): string | null | undefined {
  if (entered === '') return null;
  const day = Date.parse(entered);
  return Number.isNaN(day) ? undefined : new Date(day).toISOString();
}

function answerOf(result: MapNumberResult, mailbox: string): Answer {
  switch (result.kind) {
    case 'applied':
      return { said: words.done(result.number) };
    case 'bad_number':
      return { problem: words.badNumber };
    case 'bad_mailbox':
      return { problem: mailboxReason(mailbox, result.problem) };
    default:
      return { problem: words.results[result.kind] };
  }
}

/** What a file with this mailbox would be told. */
function mailboxReason(value: string, problem: Extract<MapNumberResult, { kind: 'bad_mailbox' }>['problem']): string {
  const about = { row: 2, column: 'mailbox', value, readings: [], otherRow: null } as const;
  return rowErrorReason({ ...about, problem: `mailbox_${problem}` });
}
