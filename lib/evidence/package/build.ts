/**
 * An evidence package: what the portal can prove of a period, as a ZIP that is checked without the portal. Streamed, in
 * bounded memory, whatever the period holds; all of it of one moment.
 */
import type { Readable } from 'node:stream';
import type pg from 'pg';
import { readAnchor } from '../../audit/anchor.ts';
import type { AnchorStore } from '../../audit/anchor-store.ts';
import { auditOrganizationIn } from '../../audit/entries.ts';
import { jsonOf } from '../../audit/export.ts';
import { type AuditKeys, publicKeyPem, signedBytes } from '../../audit/keys.ts';
import { readEntries } from '../../audit/log.ts';
import { EVERYTHING } from '../../audit/selection.ts';
import type { Queryable } from '../../db.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { importsCsv } from './imports.ts';
import { type ItemTotals, itemsCsv, itemsJson } from './items.ts';
import { boundsOf, type Period } from './period.ts';
import { takePlace } from './places.ts';
import { readme, reportHtml } from './report.ts';
import { type PackageFile, zipped } from './zip.ts';

export interface PackageDeps {
  readonly pool: pg.Pool;
  readonly keys: AuditKeys;
  readonly anchors: AnchorStore;
  now(): Date;
}

/**
 * Starts a package; its entry is in the audit log before the first byte leaves.
 *
 * @returns the ZIP. Destroying it, as a browser that goes away does, ends what is read for it. `too_many`: the
 *   organization makes as many as it may (`places.ts`)
 * @throws NotAllowed
 */
export async function evidencePackage(deps: PackageDeps, actor: Actor, period: Period): Promise<Readable | 'too_many'> {
  authorize(actor, 'evidence.read');
  authorize(actor, 'audit.read');
  const { organizationId } = actor;
  const client = await deps.pool.connect();
  let released = false;
  const release = (error?: Error): void => {
    if (released) return;
    released = true;
    // A connection in the middle of a statement is not given to anybody else.
    client.release(error ?? true);
  };
  try {
    if (!(await takePlace(client, organizationId))) {
      release();
      return 'too_many';
    }
    await auditOrganizationIn(client, actor, { action: 'evidence.exported', detail: { ...period } });
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    // A download that stands still does not hold its moment, and the connection, for ever.
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = '10min'`);
    const asOf = deps.now();
    const files = filesOf(deps, client, actor, period, asOf, await nameOf(client, organizationId));
    const zip = zipped(files, asOf, (sums) => signedBytes(deps.keys.current, sums));
    zip.once('close', () => release());
    return zip;
  } catch (error) {
    release(error instanceof Error ? error : undefined);
    throw error;
  }
}

async function nameOf(client: Queryable, organizationId: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT name FROM organization WHERE id = $1', [
    organizationId,
  ]);
  return rows[0]?.name ?? organizationId;
}

function filesOf(
  deps: PackageDeps,
  client: pg.PoolClient,
  actor: Actor,
  period: Period,
  asOf: Date,
  organization: string,
): PackageFile[] {
  const { organizationId } = actor;
  const totals: ItemTotals = { items: 0, outcomes: new Map(), copies: new Map() };
  const anchors = { count: 0 };
  const facts = () => ({
    organization,
    period,
    asOf: asOf.toISOString(),
    by: actor.name,
    totals,
    anchors: anchors.count,
  });
  return [
    { name: 'README.txt', body: () => [readme(facts())] },
    { name: 'public-key.pem', body: () => [publicKeyPem(deps.keys.current)] },
    { name: 'items.csv', body: () => itemsCsv(client, organizationId, period, totals) },
    { name: 'items.jsonl', body: () => itemsJson(client, organizationId, period) },
    { name: 'imports.csv', body: () => importsCsv(client, organizationId, period) },
    { name: 'audit-log.jsonl', body: () => auditSection(client, organizationId, period) },
    { name: 'anchors.jsonl', body: () => anchorLines(deps, organizationId, period, anchors) },
    // Behind what it counts.
    { name: 'index.html', body: () => [reportHtml(facts())] },
  ];
}

const ENTRIES = 1_000;

async function* auditSection(client: Queryable, organizationId: string, period: Period): AsyncGenerator<string> {
  const selection = { ...EVERYTHING, from: period.from, to: period.to };
  for (let after = EVERYTHING.before; ; ) {
    const entries = await readEntries(client, organizationId, { ...selection, before: after }, 'oldest-first', ENTRIES);
    const last = entries.at(-1);
    if (!last) return;
    yield entries.map((entry) => `${JSON.stringify(jsonOf(entry))}\n`).join('');
    if (entries.length < ENTRIES) return;
    after = { at: last.at, id: last.id };
  }
}

/** Those of the period, and the first one after it, which covers its end. */
async function* anchorLines(
  { anchors, keys }: PackageDeps,
  organizationId: string,
  period: Period,
  counted: { count: number },
): AsyncGenerator<string> {
  const { from, to } = boundsOf(period);
  for await (const { text } of anchors.all(organizationId, period.from)) {
    const anchor = readAnchor(keys, text);
    const at = anchor && new Date(anchor.statement.at);
    if (!anchor || !at || at < from) continue;
    counted.count += 1;
    yield `${JSON.stringify(anchor)}\n`;
    if (at >= to) return;
  }
}
