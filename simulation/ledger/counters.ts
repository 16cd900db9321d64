/** Counters of imports: `store/counters.ts`. */
import { CLOSED, type CounterChanges } from '#lib/imports/store/counters.ts';
import { key, type Tables } from './tables.ts';

export function writeCounters(tables: Tables, changes: CounterChanges, shard: number): void {
  for (const { importId, outcome, by } of changes.rows) {
    const row = tables.counters.find('counter', key(importId, shard, outcome));
    if (row) tables.counters.update(row, { count: row.count + by });
    else tables.counters.insert({ importId, shard, outcome, count: by });
    if (outcome === 'copies.pending' && by > 0) tables.holdsContent(importId);
  }
}

/** Into closed rows, one an outcome, and beside them into the connector's. */
export function foldCounters(tables: Tables, importId: string): void {
  const connectorId = tables.imports.find('id', importId)?.connectorId;
  if (connectorId === undefined) return;
  for (const row of tables.counters.with('import', importId)) {
    if (row.shard === CLOSED) continue;
    const { outcome, count } = row;
    tables.counters.delete(row);
    const closed = tables.counters.find('counter', key(importId, CLOSED, outcome));
    if (closed) tables.counters.update(closed, { count: closed.count + count });
    else tables.counters.insert({ importId, shard: CLOSED, outcome, count });
    const sum = tables.connectorCounters.find('counter', key(connectorId, outcome));
    if (sum) tables.connectorCounters.update(sum, { count: sum.count + count });
    else tables.connectorCounters.insert({ connectorId, outcome, count });
  }
}

export function readCounters(tables: Tables, importId: string): readonly { outcome: string; count: number }[] {
  return tables.counters.with('import', importId);
}

/** Sum of one outcome over all shards. */
export function counted(tables: Tables, importId: string, of: string): number {
  let sum = 0;
  for (const { outcome, count } of tables.counters.with('import', importId)) if (outcome === of) sum += count;
  return sum;
}
