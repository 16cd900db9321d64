/** Counters of imports: `store/counters.ts`. */
import { COLLECTOR, type CounterChanges } from '#lib/imports/store/counters.ts';
import { key, type Tables } from './tables.ts';

export function writeCounters(tables: Tables, changes: CounterChanges, shard: number): void {
  for (const { importId, outcome, by } of changes.rows) {
    const row = tables.counters.find('counter', key(importId, shard, outcome));
    if (row) tables.counters.update(row, { count: row.count + by });
    else tables.counters.insert({ importId, shard, outcome, count: by });
    if (outcome === 'copies.pending' && by > 0) tables.holdsContent(importId);
  }
}

/** Into the collector's rows, one an outcome. */
export function foldCounters(tables: Tables, importId: string): void {
  for (const row of tables.counters.with('import', importId)) {
    if (row.shard === COLLECTOR) continue;
    const { outcome, count } = row;
    tables.counters.delete(row);
    const kept = tables.counters.find('counter', key(importId, COLLECTOR, outcome));
    if (kept) tables.counters.update(kept, { count: kept.count + count });
    else tables.counters.insert({ importId, shard: COLLECTOR, outcome, count });
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
