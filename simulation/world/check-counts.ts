/** Both equations, by the counters and by the rows themselves. */
import { type Counts, copiesUnaccounted, countsOf, itemsUnaccounted } from '#lib/imports/counts.ts';
import { copyOutcome } from '#lib/imports/transitions.ts';
import type { World } from './world.ts';

export function checkCounts(world: World): string[] {
  const found: string[] = [];
  const { tables } = world.ledger;
  for (const { id, windowId } of tables.imports) {
    const counts = countsOf(tables.counters.with('import', id));
    if (itemsUnaccounted(counts) !== 0)
      found.push(`the items of import ${id} do not balance: ${JSON.stringify(counts.items)}`);
    if (copiesUnaccounted(counts) !== 0) {
      found.push(`the copies of import ${id} do not balance: ${JSON.stringify(counts.copies)}`);
    }
    const window = tables.windows.find('id', windowId);
    const most = window ? listings(world, window.startsAt, window.endsAt) : 0;
    if (counts.items.listed > most) found.push(`import ${id} lists ${counts.items.listed} items of ${most}`);
    const recounted = recount(world, id);
    const items = differences(counts.items, { ...counts.items, ...recounted.items });
    const copies = differences(counts.copies, recounted.copies);
    if (items || copies) found.push(`the counters of import ${id} are not what its rows say: ${items}${copies}`);
  }
  for (const { code, resolvedAt, detail, connectorId, windowId } of tables.alerts) {
    if (resolvedAt !== null || connectorId !== world.connectorId) continue;
    // Known: the window of a deleted connector is closed by the one that was added again, and read by nobody after that.
    if (tables.windows.find('id', windowId ?? '')?.connectorId !== world.connectorId) continue;
    if (code === 'import_cancelled') found.push(`window ${windowId} was cancelled, and never imported again`);
    if (code === 'does_not_balance' || code === 'manifest_differs') found.push(`${code}: ${JSON.stringify(detail)}`);
  }
  return found;
}

/** How many items one reading of a window lists at most, those that are listed twice included. */
function listings(world: World, from: Date, to: Date): number {
  return world.source.listed({ from, to }).reduce((sum, { repeated }) => sum + (repeated ? 2 : 1), 0);
}

function differences(counted: object, right: object): string {
  const lines = Object.entries(right).filter(([name, count]) => (counted as Record<string, unknown>)[name] !== count);
  return lines
    .map(([name, count]) => ` ${name} ${(counted as Record<string, unknown>)[name]} instead of ${count}`)
    .join();
}

/** What can be counted from rows; listed and repeated items leave none. */
function recount(world: World, importId: string): Pick<Counts, 'copies'> & { readonly items: object } {
  const items = { imported: 0, waiting: 0, failed: 0, unreadable: 0, pending: 0 };
  for (const { outcome } of world.ledger.tables.items.with('import', importId)) {
    if (outcome !== 'repeat') items[outcome]++;
  }
  const rows: { outcome: string; count: number }[] = [];
  for (const { state, rule } of world.ledger.tables.deliveries.with('import', importId)) {
    rows.push({ outcome: copyOutcome(state), count: 1 });
    if (state !== 'waiting') rows.push({ outcome: 'copies.available', count: 1 });
    const isThere = state === 'imported' || state === 'partially_imported';
    if (rule === 'fallback' && isThere) rows.push({ outcome: 'copies.fallback', count: 1 });
  }
  return { items, copies: countsOf(rows).copies };
}
