/** What changes of copies mean for their items and for the counters of their imports, in the transaction that makes them. */
import type pg from 'pg';
import { withLiterals } from '../../array-literal.ts';
import { copyChanges, type DeliveryState, type ItemOutcome } from '../transitions.ts';
import { CounterChanges } from './counters.ts';
import { inMonths, monthsOf } from './months.ts';
import type { TransitionRow } from './twins.ts';

/**
 * Carries transitions of copies over to their items and to the counters of their imports. Items are locked in the order
 * of their ids and read again after that, so that two shards which finish two copies of one item agree.
 *
 * @returns imports whose numbers changed
 */
export async function countTransitions(
  client: pg.PoolClient,
  shard: number,
  rows: readonly TransitionRow[],
): Promise<string[]> {
  const changes = new CounterChanges();
  const touched = new Map<string, Date>();
  let onlyImported = true;
  for (const row of rows) {
    const of = copyChanges(row.before, row.after);
    if (of.length === 0) continue;
    for (const [outcome, by] of of) changes.add(row.import_id, outcome, by);
    if (row.fallback)
      changes.add(row.import_id, 'copies.fallback', Number(isThere(row.after)) - Number(isThere(row.before)));
    touched.set(row.item_id, row.archived_at);
    onlyImported &&= isThere(row.after);
  }
  if (touched.size === 0) return changes.importIds;
  const times = [...touched.values()];
  const keys = withLiterals([times, [...touched.keys()], ...monthsOf(times)]);
  if (!onlyImported) await client.query(LOCKED_ITEMS, keys);
  const { rows: changed } = await client.query<ChangedItems>(onlyImported ? ITEMS_IMPORTED : ITEMS_ANEW, keys);
  for (const { import_id: importId, before, after, items } of changed) {
    changes.add(importId, `items.${before}`, -items);
    changes.add(importId, `items.${after}`, items);
  }
  await changes.write(client, shard);
  return changes.importIds;
}

/** How many items of an import changed from one outcome to another. */
interface ChangedItems {
  readonly import_id: string;
  readonly before: ItemOutcome;
  readonly after: ItemOutcome;
  readonly items: number;
}

const isThere = (state: DeliveryState): boolean => state === 'imported' || state === 'partially_imported';

/** The items in `$1, $2`, of the months from `$3` to `$4`. */
const KEYS = `unnest($1::timestamptz[], $2::bigint[]) AS k (archived_at, id)`;

/** Of hundreds of items nearly all change alike: counted where they are. */
const COUNTED =
  'SELECT import_id, before, after, count(*)::int AS items FROM changed GROUP BY import_id, before, after';

const LOCKED_ITEMS = `
  SELECT i.archived_at, i.id FROM item i JOIN ${KEYS} ON i.archived_at = k.archived_at AND i.id = k.id
  WHERE ${inMonths('i.archived_at', '$3', '$4')} ORDER BY i.id FOR NO KEY UPDATE OF i`;

// An imported copy decides for its item, whatever the others are: nothing is to be read again, and the rows are locked by
// the update itself, in the order in which they are found. Where two shards meet all the same, one of them begins again.
const ITEMS_IMPORTED = `
  WITH k AS MATERIALIZED (SELECT archived_at, id FROM ${KEYS} ORDER BY id),
  changed AS (
    UPDATE item i SET outcome = 'imported' FROM k
    WHERE i.archived_at = k.archived_at AND i.id = k.id AND ${inMonths('i.archived_at', '$3', '$4')}
      AND i.outcome <> 'imported'
    RETURNING i.import_id, old.outcome AS before, new.outcome AS after)
  ${COUNTED}`;

// The same order as itemOutcome() in transitions.ts; a test holds the two together.
const ITEMS_ANEW = `
  WITH changed AS (
    UPDATE item i SET outcome = anew.outcome
    FROM (
      SELECT d.archived_at, d.item_id,
        CASE WHEN bool_or(d.state IN ('imported', 'partially_imported')) THEN 'imported'
             WHEN bool_or(d.state IN ('pending', 'sending', 'created')) THEN 'pending'
             WHEN bool_or(d.state = 'waiting') THEN 'waiting'
             WHEN bool_or(d.state = 'failed') THEN 'failed'
             ELSE 'repeat' END AS outcome
      FROM delivery d JOIN ${KEYS} ON d.archived_at = k.archived_at AND d.item_id = k.id
      WHERE ${inMonths('d.archived_at', '$3', '$4')} GROUP BY 1, 2) AS anew
    WHERE i.archived_at = anew.archived_at AND i.id = anew.item_id AND ${inMonths('i.archived_at', '$3', '$4')}
      AND i.outcome <> anew.outcome
    RETURNING i.import_id, old.outcome AS before, new.outcome AS after)
  ${COUNTED}`;
