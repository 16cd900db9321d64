/** What this worker does, counted as it happens. Names, states and numbers: never a number of a phone, an address or a text. */
import { Counter, type Registry } from 'prom-client';
import type { Ledger } from '../imports/ledger.ts';
import type { GraphObserver } from '../microsoft/graph.ts';

/** Answers that ask for a pause, where they say for how long. */
const PAUSES: ReadonlySet<number> = new Set([429, 503, 504]);

/** Counts requests to Graph by what became of them, and the seconds that Graph asked us to wait. */
export function graphCounters(registry: Registry): GraphObserver {
  const requests = new Counter({
    name: 'portal_graph_requests_total',
    help: 'Requests to Microsoft Graph by method and HTTP status; method BATCH is a $batch as a whole, status 0 no answer',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  const waits = new Counter({
    name: 'portal_graph_throttle_wait_seconds_total',
    help: 'Seconds that Microsoft Graph asked this worker to wait (Retry-After)',
    registers: [registry],
  });
  return (method, status, headers) => {
    requests.inc({ method, status });
    const seconds = PAUSES.has(status) ? Number(headers['retry-after']) : 0;
    if (seconds > 0) waits.inc(seconds);
  };
}

/** The ledger, with what is written through it counted. */
export function countingLedger(registry: Registry, ledger: Ledger): Ledger {
  const items = new Counter({
    name: 'portal_items_total',
    help: 'Items that this worker collected; outcome repeat: they were known already',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const copies = new Counter({
    name: 'portal_deliveries_total',
    help: 'Copies that this worker settled, by what became of them',
    labelNames: ['state'],
    registers: [registry],
  });
  return {
    ...ledger,
    async commitPage(...page: Parameters<Ledger['commitPage']>) {
      const written = await ledger.commitPage(...page);
      const [, { items: added, repeats }] = page;
      items.inc({ outcome: 'new' }, added.length);
      items.inc({ outcome: 'repeat' }, repeats);
      return written;
    },
    async settle(lease, settled) {
      const written = await ledger.settle(lease, settled);
      // What another worker took over meanwhile is that one's to count.
      for (const state of written.states) copies.inc({ state });
      return written;
    },
  };
}
