/** A worker's metrics for Prometheus: its own process, its work, and how the installation stands. */
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Ledger } from '../imports/ledger.ts';
import type { GraphObserver } from '../microsoft/graph.ts';
import { queuesOf } from '../queue/standing.ts';
import { standing } from './standing.ts';
import { countingLedger, graphCounters } from './work.ts';

export interface Metrics {
  readonly contentType: string;
  readonly onGraph: GraphObserver;
  counted(ledger: Ledger): Ledger;
  /**
   * All of them in Prometheus' text format. What cannot be asked for now, because the database or Redis is away, is left out,
   * and `portal_standing_up` is 0.
   */
  text(): Promise<string>;
}

/** @param redis a connection of its own that gives up soon (`hastyConnection`): Prometheus waits for seconds, not for ever */
export function createMetrics(pool: pg.Pool, redis: Redis, prefix: string, log: Pick<Logger, 'warn'>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const up = new Gauge({
    name: 'portal_standing_up',
    help: 'Whether database and Redis could be asked how the installation stands',
    registers: [registry],
  });
  const ask = standing(registry, { pool, queues: queuesOf(redis, prefix), now: () => performance.now() });
  return {
    contentType: registry.contentType,
    onGraph: graphCounters(registry),
    counted: (ledger) => countingLedger(registry, ledger),
    async text() {
      const answered = await ask().then(
        () => true,
        (error: unknown) => {
          log.warn(
            { name: error instanceof Error ? error.name : 'unknown' },
            'how the installation stands cannot be told',
          );
          return false;
        },
      );
      up.set(answered ? 1 : 0);
      return registry.metrics();
    },
  };
}
