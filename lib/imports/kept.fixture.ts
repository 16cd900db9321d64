/** For integration tests: what is kept beside the ledger is what the ledger says. */
import type pg from 'pg';

const UNDONE = `
SELECT d.connector_id, d.import_id, d.archived_at, d.id, d.item_id, d.number, coalesce(d.reason, '') AS reason, CASE
    WHEN d.state IN ('waiting', 'failed') THEN d.state
    WHEN d.reason = 'missing_in_mailbox' THEN 'missing'
    ELSE 'partial' END AS kind
FROM delivery d WHERE d.sign_off_id IS NULL AND (d.state IN ('waiting', 'failed')
  OR d.state = 'partially_imported' AND d.reason IS DISTINCT FROM 'missing_in_mailbox'
  OR d.state IN ('imported', 'partially_imported') AND d.reason = 'missing_in_mailbox' AND d.doubt = 1)
UNION ALL
SELECT t.connector_id, t.import_id, t.archived_at, t.id, t.id, NULL, coalesce(t.reason, ''), 'unreadable'
FROM item t WHERE t.outcome = 'unreadable' AND t.sign_off_id IS NULL`;
const KEPT = 'SELECT connector_id, import_id, archived_at, id, item_id, number, reason, kind FROM undone';

const SUMS = `SELECT i.connector_id, k.outcome, sum(k.count) FROM import_counter k JOIN import i ON i.id = k.import_id
  WHERE k.shard = -1 GROUP BY 1, 2`;
const COUNTERS = 'SELECT connector_id, outcome, count FROM connector_counter';

const difference = (kept: string, true_: string): string => `SELECT to_jsonb(x) AS row FROM (
  (${kept} EXCEPT ALL ${true_}) UNION ALL (${true_} EXCEPT ALL ${kept})) x LIMIT 5`;

/** @throws where `undone` or the counters of a connector are not what the ledger's rows and the imports' counters make them */
export async function checkKept(pool: pg.Pool): Promise<void> {
  for (const [table, sql] of [
    ['undone', difference(KEPT, `(${UNDONE})`)],
    ['connector_counter', difference(COUNTERS, SUMS)],
  ]) {
    const { rows } = await pool.query(sql ?? '');
    if (rows.length > 0) throw new Error(`${table} is not what it is kept from: ${JSON.stringify(rows)}`);
  }
}
