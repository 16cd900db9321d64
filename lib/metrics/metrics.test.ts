import { readFileSync } from 'node:fs';
import pg from 'pg';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { postgresLedger } from '../imports/ledger.ts';
import type { Settled } from '../imports/store/settle.ts';
import { standing } from './standing.ts';
import { countingLedger, graphCounters } from './work.ts';

async function numberOf(
  registry: Registry,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const metric = await registry.getSingleMetric(name)?.get();
  return metric?.values.find(({ labels: of }) =>
    Object.entries(labels).every(([key, value]) => String(of[key]) === value),
  )?.value;
}

describe('requests to Graph', () => {
  it('are counted by method and status, and the seconds that it asks us to wait added up', async () => {
    const registry = new Registry();
    const observe = graphCounters(registry);
    observe('POST', 201, {});
    observe('POST', 201, {});
    observe('BATCH', 0, {});
    observe('POST', 429, { 'retry-after': '7' });
    observe('GET', 503, { 'retry-after': '3' });
    observe('GET', 503, { 'retry-after': 'Fri, 27 Nov 2026 10:00:00 GMT' });
    observe('GET', 200, { 'retry-after': '100' });
    expect(await numberOf(registry, 'portal_graph_requests_total', { method: 'POST', status: '201' })).toBe(2);
    expect(await numberOf(registry, 'portal_graph_requests_total', { method: 'BATCH', status: '0' })).toBe(1);
    expect(await numberOf(registry, 'portal_graph_throttle_wait_seconds_total')).toBe(10);
  });
});

describe('copies', () => {
  it('are counted by what they became, and not where another worker had taken them over', async () => {
    const registry = new Registry();
    const written: Settled = { importIds: [], states: ['imported', 'failed'], othersDue: false };
    const ledger = countingLedger(registry, { ...postgresLedger(new pg.Pool()), settle: async () => written });
    const lease = { organizationId: '', shard: 0, epoch: '1' };
    expect(await ledger.settle(lease, [])).toBe(written);
    const count = (state: string) => numberOf(registry, 'portal_deliveries_total', { state });
    expect([await count('imported'), await count('failed'), await count('pending')]).toEqual([1, 1, undefined]);
  });
});

describe('how the installation stands', () => {
  it('is asked once for all who ask within five seconds, and fails where it cannot be told', async () => {
    let asked = 0;
    let time = 0;
    const pool = new pg.Pool({
      connectionString: 'postgresql://nobody@127.0.0.1:1/none',
      connectionTimeoutMillis: 500,
    });
    const queues = async () => {
      asked += 1;
      return [];
    };
    const ask = standing(new Registry(), { pool, queues, now: () => time });
    await Promise.allSettled([ask(), ask()]);
    time = 4_999;
    await expect(ask()).rejects.toThrow();
    expect(asked).toBe(1);
    time = 5_000;
    await expect(ask()).rejects.toThrow();
    expect(asked).toBe(2);
    await pool.end();
  });
});

describe('dashboard and alert rules', () => {
  const registry = new Registry();
  const pool = new pg.Pool();
  graphCounters(registry);
  countingLedger(registry, postgresLedger(pool));
  standing(registry, { pool, queues: async () => [], now: () => 0 });
  const ours = new Set([...registry.getMetricsAsArray().map(({ name }) => name), 'portal_standing_up']);
  const namesIn = (text: string): string[] => text.match(/\bportal_\w+/g) ?? [];

  it('name metrics that there are, and each of these is on the dashboard', () => {
    const dashboard = readFileSync('observability/grafana-dashboard.json', 'utf8');
    const rules = readFileSync('observability/alerts.yml', 'utf8');
    for (const name of [...namesIn(dashboard), ...namesIn(rules)]) expect(ours).toContain(name);
    for (const name of ours) expect(namesIn(dashboard)).toContain(name);
  });

  it('say of each alert what it means and where to read on', () => {
    const { groups } = z
      .object({
        groups: z.array(
          z.object({
            rules: z.array(
              z.object({
                alert: z.string(),
                expr: z.string().min(1),
                for: z.string(),
                labels: z.object({ severity: z.enum(['page', 'ticket']) }),
                annotations: z.object({ summary: z.string(), description: z.string() }),
              }),
            ),
          }),
        ),
      })
      .parse(parse(readFileSync('observability/alerts.yml', 'utf8')));
    const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(names.length).toBeGreaterThan(6);
    expect(new Set(names).size).toBe(names.length);
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    for (const name of names) expect(runbook).toContain(`## ${name}\n`);
  });
});
