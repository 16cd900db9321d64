/** Counters of imports: `store/counters.ts`. */
import type { CounterChanges } from '#lib/imports/store/counters.ts';
import { key, type Tables } from './tables.ts';

export function writeCounters(tables: Tables, changes: CounterChanges, shard: number): void {
  for (const { importId, outcome, by } of changes.rows) {
    const row = tables.counters.find('counter', key(importId, shard, outcome));
    if (row) tables.counters.update(row, { count: row.count + by });
    else tables.counters.insert({ importId, shard, outcome, count: by });
    if (outcome === 'copies.pending' && by > 0) tables.holdsContent(importId);
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
