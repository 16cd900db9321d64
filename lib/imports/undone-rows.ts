/** Single things that are not imported, one by one. Pages and addresses name a row by one text, its key. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { seesNumbers } from '../security/shown-number.ts';
import { shownParticipant } from './fallback.ts';
import { inMonths, monthsOf } from './store/months.ts';
import { type RowKey, readUndone, type UndoneKey, type UndoneSelection } from './store/undone.ts';

export interface UndoneRow {
  /** see `parseRowKey` */
  readonly key: string;
  readonly sourceItemId: string;
  /** when it reached the source, ISO 8601 in UTC */
  readonly archivedAt: string;
  /** who is owed the copy, as the phone knew it; masked for who may not see numbers. null: an item that cannot be read */
  readonly participant: string | null;
  /** address of the mailbox; null where none is known */
  readonly mailbox: string | null;
  /** its content is kept here, and may be opened */
  readonly isKept: boolean;
}

export interface UndonePage {
  /** oldest first */
  readonly rows: readonly UndoneRow[];
  /** key of the row that the next page follows; null where this is the last */
  readonly next: string | null;
}

interface Shown {
  readonly id: string;
  readonly source_item_id: string;
  readonly participant: string | null;
  readonly mailbox_address: string | null;
  readonly state: string | null;
}

// Of an unreadable item the key is the item's own. Planned for the months of these rows, and for no others.
const KEYS = 'unnest($1::timestamptz[], $2::bigint[]) AS k (archived_at, id)';
const ROWS = {
  copies: `SELECT d.id, i.source_item_id, d.participant, d.mailbox_address, d.state FROM ${KEYS}
    JOIN delivery d ON d.archived_at = k.archived_at AND d.id = k.id AND ${inMonths('d.archived_at', '$3', '$4')}
    JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id AND ${inMonths('i.archived_at', '$3', '$4')}`,
  items: `SELECT i.id, i.source_item_id, NULL AS participant, NULL AS mailbox_address, NULL AS state FROM ${KEYS}
    JOIN item i ON i.archived_at = k.archived_at AND i.id = k.id AND ${inMonths('i.archived_at', '$3', '$4')}`,
} as const;

/**
 * A page of what nobody signed off, the oldest first. Empty where the connector is not the organization's.
 *
 * @param after key of the row that it follows; null for the first page
 * @throws NotAllowed
 */
export async function undonePage(
  pool: pg.Pool,
  actor: Actor,
  selection: UndoneSelection,
  after: RowKey | null,
  size: number,
): Promise<UndonePage> {
  authorize(actor, 'connectors.read');
  const found = await readUndone(pool, actor.organizationId, selection, after, size + 1);
  const keys = found.slice(0, size);
  const last = keys.at(-1);
  const rows = await shownRows(pool, selection, keys);
  const shown = new Map(rows.map((row) => [row.id, row]));
  const masked = !seesNumbers(actor);
  return {
    rows: keys.map((key) => undoneRow(key, shown.get(key.id), selection, masked)),
    next: found.length > size && last !== undefined ? rowKey(last) : null,
  };
}

async function shownRows(
  pool: pg.Pool,
  { kind }: UndoneSelection,
  keys: readonly UndoneKey[],
): Promise<readonly Shown[]> {
  if (keys.length === 0) return [];
  const times = keys.map(({ archivedAt }) => archivedAt);
  const ids = keys.map(({ id }) => id);
  const { rows } = await pool.query<Shown>(kind === 'unreadable' ? ROWS.items : ROWS.copies, [
    times,
    ids,
    ...monthsOf(times),
  ]);
  return rows;
}

function undoneRow(key: UndoneKey, row: Shown | undefined, { kind }: UndoneSelection, masked: boolean): UndoneRow {
  return {
    key: rowKey(key),
    sourceItemId: row?.source_item_id ?? '',
    archivedAt: key.archivedAt.toISOString(),
    participant: row?.participant ? shownParticipant(row.participant, masked) : null,
    mailbox: row?.mailbox_address ?? null,
    // What was imported whole is deleted here.
    isKept: kind !== 'missing' || row?.state === 'partially_imported',
  };
}

/** One text for a row of the ledger. */
export function rowKey({ archivedAt, id }: RowKey): string {
  return `${archivedAt.getTime()}-${id}`;
}

/** The row that a key names; null where it is none. */
export function parseRowKey(key: string): RowKey | null {
  const [, time, id] = /^(-?\d{1,15})-(\d{1,18})$/.exec(key) ?? [];
  return time === undefined || id === undefined ? null : { archivedAt: new Date(Number(time)), id };
}
