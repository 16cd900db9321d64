'use client';

import { Field, Input, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { type Answer, AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import { Section } from '#components/connector/section.tsx';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { MapNumberInput, MapNumberResult } from '#lib/connectors/mapping/map-number.ts';
import type { WaitingNumber, WaitingNumbers } from '#lib/connectors/mapping/use-cases.ts';
import { rowErrorReason } from '#lib/mapping/words.ts';
import { type FindMembers, PeoplePicker } from './people-picker.tsx';

const words = text.mapping.mapNumber;

const useStyles = makeStyles({
  paragraph: { margin: `0 0 ${tokens.spacingVerticalM}` },
  muted: { color: tokens.colorNeutralForeground3 },
});

/** As a browser sends it. */
export type MapNumberChoice = Omit<MapNumberInput, 'from'> & {
  /** ISO 8601; null: nothing was entered */
  readonly from: string | null;
};

export interface MapNumbersProps {
  readonly connectorId: string;
  readonly found: WaitingNumbers;
  /** null for who may not */
  readonly map: ((choice: MapNumberChoice) => Promise<MapNumberResult>) | null;
  readonly findMembers: FindMembers;
}

const { columns } = words;
const COLUMNS = {
  number: { label: columns.number, width: 'time' },
  name: { label: columns.name, width: 'wide' },
  suggested: { label: columns.suggested, width: 'wide' },
  waiting: { label: columns.waiting, width: 'small' },
  oldest: { label: columns.oldest, width: 'time' },
  commands: { label: columns.commands, width: 'medium' },
} as const satisfies Record<string, CardColumn>;

/** People without a mailbox, each with the one that is probably theirs. Nothing where there are none. */
export function MapNumbers({ connectorId, found, map, findMembers }: MapNumbersProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const { numbers, more } = found;
  if (numbers.length === 0) return <Text role="status">{said}</Text>;
  const shown = Object.values(COLUMNS).filter((column) => map !== null || column !== COLUMNS.commands);
  return (
    <Section title={words.title}>
      <p className={styles.paragraph}>{words.about(numbers.length, more)}</p>
      <Text role="status">{said}</Text>
      <CardTable label={words.table} columns={shown}>
        {numbers.map((one) => (
          <CardRow key={one.number}>
            <CardCell column={COLUMNS.number}>{one.number}</CardCell>
            <CardCell column={COLUMNS.name}>
              {one.name ?? <span className={styles.muted}>{words.noName}</span>}
            </CardCell>
            <CardCell column={COLUMNS.suggested}>
              {one.suggested ?? <span className={styles.muted}>{words.noSuggestion}</span>}
            </CardCell>
            <CardCell column={COLUMNS.waiting}>{text.mapping.difference.count(one.waiting)}</CardCell>
            <CardCell column={COLUMNS.oldest}>
              <Time value={one.oldest} />
            </CardCell>
            {map === null ? null : (
              <CardCell column={COLUMNS.commands}>
                <MapOne {...{ connectorId, one, map, findMembers }} onSaid={setSaid} />
              </CardCell>
            )}
          </CardRow>
        ))}
      </CardTable>
    </Section>
  );
}

interface MapOneProps {
  readonly connectorId: string;
  readonly one: WaitingNumber;
  readonly map: NonNullable<MapNumbersProps['map']>;
  readonly findMembers: FindMembers;
  readonly onSaid: (sentence: string) => void;
}

function MapOne({ connectorId, one: { number, name, suggested, waiting }, map, findMembers, onSaid }: MapOneProps) {
  const who = name === null ? number : `${name} (${number})`;
  const [asksFrom, setAsksFrom] = useState(false);
  return (
    <AskFirst
      label={words.map}
      submitLabel={words.submit(waiting)}
      description={words.mapOf(who)}
      title={words.dialogTitle(who)}
      body={words.body}
      size="small"
      onSaid={onSaid}
      run={async (form) => {
        const mailbox = fieldOf(form, 'mailbox');
        const from = dayOf(fieldOf(form, 'from'));
        if (from === undefined) return { problem: words.badFrom };
        const result = await map({ connectorId, number, mailbox, from, reason: fieldOf(form, 'reason') });
        if (result.kind === 'asks_from') setAsksFrom(true);
        return answerOf(result, mailbox);
      }}
    >
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
    </AskFirst>
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
