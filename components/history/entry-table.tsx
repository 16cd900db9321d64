'use client';

import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { HistoryEntry } from '#lib/connectors/history-words.ts';
import { EntryDetails } from './entry-details.tsx';

const words = text.history;

const COLUMNS = {
  time: { label: words.columns.time, width: 'time' },
  act: { label: words.columns.act, width: 'wide' },
  detail: { label: words.columns.detail, width: 'medium' },
} as const satisfies Record<string, CardColumn>;

/** Entries of the audit log as sentences, each with its details in a panel. */
export function EntryTable({ label, entries }: { readonly label: string; readonly entries: readonly HistoryEntry[] }) {
  return (
    <CardTable label={label} columns={Object.values(COLUMNS)}>
      {entries.map((entry) => (
        <Line key={entry.id} entry={entry} />
      ))}
    </CardTable>
  );
}

function Line({ entry }: { readonly entry: HistoryEntry }) {
  const sentence = words.sentence(entry.person, entry.action, entry.detail);
  return (
    <CardRow>
      <CardCell column={COLUMNS.time}>
        <Time value={entry.at} />
      </CardCell>
      <CardCell column={COLUMNS.act}>
        {sentence}
        {entry.result === 'refused' ? ` ${words.refused}` : null}
      </CardCell>
      <CardCell column={COLUMNS.detail}>
        <EntryDetails entry={entry} sentence={sentence} />
      </CardCell>
    </CardRow>
  );
}
