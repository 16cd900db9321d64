/** A package of a real import, checked as its reader does: with sha256sum and openssl, and not with our code. */
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { parse } from 'papaparse';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection } from '#testing/services.ts';
import { anchorHeads } from '../../audit/anchor-heads.ts';
import { connectAnchorStore } from '../../audit/anchor-store.ts';
import { parseAuditKeys } from '../../audit/keys.ts';
import { linkEntries } from '../../audit/link-entries.ts';
import { type Engine, startEngine } from '../../imports/engine.fixture.ts';
import { type Actor, NotAllowed } from '../../security/actor.ts';
import type { Role } from '../../security/roles.ts';
import { evidencePackage, type PackageDeps } from './build.ts';
import type { Period } from './period.ts';

let sandbox: TestSandbox;
let engine: Engine;
let deps: PackageDeps;
let folder: string;
let auditor: Actor;
let period: Period;
beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '60' });
  engine = await startEngine(sandbox);
  await engine.connect();
  await engine.finish();
  const { pool } = engine.database;
  const keys = parseAuditKeys(`a1:${randomBytes(32).toString('base64')}`);
  deps = { pool, keys, anchors: connectAnchorStore(testBlobConnection()), now: () => new Date() };
  await linkEntries(pool, keys);
  await anchorHeads({ ...deps, log: pino({ level: 'silent' }) });
  const { rows } = await pool.query<{ organization_id: string; first: Date; last: Date }>(
    'SELECT organization_id, min(archived_at) AS first, max(archived_at) AS last FROM item GROUP BY 1',
  );
  const [range] = rows;
  if (!range) throw new RangeError('nothing was imported');
  const day = (time: Date): string => time.toISOString().slice(0, 10);
  // Until today, so that the entries of the import itself are in it.
  period = { from: day(range.first), to: day(new Date()), connectorId: null };
  auditor = withRoles(range.organization_id, 'DataConnectors.Auditor');
  folder = mkdtempSync(join(tmpdir(), 'package-'));
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await engine.close();
  await sandbox.stop();
});

function withRoles(organizationId: string, ...roles: Role[]): Actor {
  return { organizationId, userId: randomUUID(), name: 'Ingrid <Solberg>', address: 'i@example.com', roles };
}

async function packageOf(actor: Actor, of: Period): Promise<Readable> {
  const zip = await evidencePackage(deps, actor, of);
  if (zip === 'too_many') throw new RangeError('as many are being made as may be');
  return zip;
}

async function unpacked(actor: Actor, of: Period): Promise<Map<string, string>> {
  const files = unzipSync(await buffer(await packageOf(actor, of)));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return new Map(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]));
}

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const checksSums = (): string => run('sha256sum', '-c', 'SHA256SUMS');
const checksSignature = (): string =>
  run(
    'openssl',
    ...'pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig'.split(' '),
  );

it('is checked by sha256sum and openssl, and a change of any file is found', async () => {
  const files = await unpacked(auditor, period);
  expect(checksSums().trim().split('\n')).toHaveLength(files.size - 2);
  expect(checksSignature()).toContain('Verified Successfully');

  writeFileSync(join(folder, 'items.csv'), `${files.get('items.csv')} `);
  expect(() => checksSums()).toThrow();
  writeFileSync(join(folder, 'SHA256SUMS'), `${files.get('SHA256SUMS')} `);
  expect(() => checksSignature()).toThrow();
});

it('holds every item and every copy, with what proves it, and no text of a message', async () => {
  const files = await unpacked(auditor, period);
  const { pool } = engine.database;
  const { rows } = await pool.query<{ items: number; copies: number }>(
    `SELECT (SELECT count(*) FROM item)::int AS items, (SELECT count(*) FROM delivery)::int AS copies`,
  );
  const lines = (files.get('items.jsonl') ?? '')
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  expect(rows[0]?.items).toBeGreaterThan(20);
  expect(lines).toHaveLength(rows[0]?.items ?? 0);
  expect(lines.flatMap(({ copies }) => copies)).toHaveLength(rows[0]?.copies ?? 0);
  const { data } = parse<Record<string, string>>((files.get('items.csv') ?? '').slice(1).trimEnd(), { header: true });
  const imported = data.filter(({ CopyState }) => CopyState === 'imported');
  expect(imported.length).toBeGreaterThan(20);
  for (const line of imported) {
    expect(line.SourceSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(line.ContentSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(line.GraphMessageId).not.toBe('');
  }
  expect(files.get('imports.csv')).toContain('completed');
  expect(files.get('audit-log.jsonl')).toContain('import.completed');
  expect(files.get('anchors.jsonl')?.trimEnd().split('\n')).toHaveLength(1);
  const report = files.get('index.html') ?? '';
  expect(report).toContain(`<strong>${rows[0]?.items.toLocaleString('en-US')}</strong> items`);
  expect(report).toContain('Ingrid &lt;Solberg&gt;');
  expect(report).not.toMatch(/<script|https?:\/\//);
});

it('is for auditors, of their organization alone, and is in the audit log', async () => {
  for (const role of ['DataConnectors.Admin', 'DataConnectors.Reader', 'DataConnectors.ContentViewer'] as const) {
    await expect(evidencePackage(deps, withRoles(auditor.organizationId, role), period)).rejects.toThrow(NotAllowed);
  }
  const stranger = withRoles(randomUUID(), 'DataConnectors.Auditor');
  expect((await unpacked(stranger, period)).get('items.jsonl')).toBe('');
  const { rows } = await engine.database.pool.query(
    `SELECT detail FROM audit_entry WHERE action = 'evidence.exported' AND actor = $1`,
    [auditor.userId],
  );
  expect(rows[0]).toEqual({ detail: period });
});

it('of another connector, or of another time, holds none of it', async () => {
  expect((await unpacked(auditor, { ...period, connectorId: randomUUID() })).get('items.jsonl')).toBe('');
  const before = { from: '2019-01-01', to: '2019-01-02', connectorId: null };
  expect((await unpacked(auditor, before)).get('items.jsonl')).toBe('');
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('<strong>0</strong> items');
});

it('holds no connection once the reader has gone', async () => {
  const { pool } = engine.database;
  const zip = await packageOf(auditor, period);
  zip.destroy();
  await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0);
});

it('is one of two at once of its organization; the third has to wait, and nobody else does', async () => {
  const { pool } = engine.database;
  const exported = async (actor: Actor): Promise<number> => {
    const { rowCount } = await pool.query(
      `SELECT FROM audit_entry WHERE action = 'evidence.exported' AND organization_id = $1`,
      [actor.organizationId],
    );
    return rowCount ?? 0;
  };
  const mine = withRoles(randomUUID(), 'DataConnectors.Auditor');
  const [first, second] = await Promise.all([packageOf(mine, period), packageOf(mine, period)]);
  expect(await evidencePackage(deps, mine, period)).toBe('too_many');
  // Nothing left the portal, so nothing says that it did.
  expect(await exported(mine)).toBe(2);
  const other = await packageOf(withRoles(randomUUID(), 'DataConnectors.Auditor'), period);
  first.destroy();
  await expect.poll(async () => (await startsOne()) !== 'too_many').toBe(true);
  for (const zip of [second, other]) zip.destroy();

  async function startsOne(): Promise<unknown> {
    const zip = await evidencePackage(deps, mine, period);
    if (zip !== 'too_many') zip.destroy();
    return zip;
  }
});
