/** The audit log as the page reads it and as it is exported. */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, NotAllowed } from '../security/actor.ts';
import type { Role } from '../security/roles.ts';
import { type AuditWorld, auditWorld } from './chain.fixture.ts';
import { auditIn, auditOrganizationIn, SYSTEM } from './entries.ts';
import { exportAuditLog } from './export.ts';
import { linkEntries } from './link-entries.ts';
import { auditPage, auditState } from './log.ts';
import { verifyAndKeep } from './run.ts';
import { type AuditSelection, EVERYTHING } from './selection.ts';

let world: AuditWorld;
let auditor: Actor;
const grace = { userId: randomUUID(), name: 'Grace Adeyemi', clientAddress: '203.0.113.7' };
const connectorId = randomUUID();
beforeAll(async () => {
  world = await auditWorld();
  const { pool, organizationId } = world;
  auditor = withRoles(organizationId, 'DataConnectors.Auditor');
  const person = { ...grace, organizationId };
  await auditOrganizationIn(pool, person, { action: 'session.signed-in', detail: { roles: ['DataConnectors.Admin'] } });
  await auditIn(pool, person, { action: 'connector.renamed', connectorId, detail: { before: 'Old', after: '=1+1' } });
  await auditIn(pool, { ...SYSTEM, organizationId }, { action: 'connector.stop-lifted', connectorId });
  await auditOrganizationIn(pool, person, { action: 'access.refused', result: 'refused', detail: {} });
  await linkEntries(pool, world.keys);
});
afterAll(() => world.close());

function withRoles(organizationId: string, ...roles: Role[]): Actor {
  return { organizationId, userId: randomUUID(), name: 'Ingrid', address: 'ingrid@example.com', roles };
}

/** With the mark in front, which a text decoder would take away. */
const written = async (file: Readable): Promise<string> => (await buffer(file)).toString('utf8');

async function found(selection: Partial<AuditSelection>): Promise<string[]> {
  const { entries } = await auditPage(world.pool, auditor, { ...EVERYTHING, ...selection }, 50);
  return entries.map(({ action }) => action);
}

it('is for auditors of the organization alone', async () => {
  for (const role of ['DataConnectors.Admin', 'DataConnectors.Reader', 'DataConnectors.ContentViewer'] as const) {
    const actor = withRoles(world.organizationId, role);
    await expect(auditPage(world.pool, actor, EVERYTHING, 50)).rejects.toThrow(NotAllowed);
    await expect(auditState(world.pool, actor)).rejects.toThrow(NotAllowed);
    await expect(exportAuditLog(world.pool, actor, EVERYTHING, 'csv')).rejects.toThrow(NotAllowed);
  }
  const stranger = withRoles(randomUUID(), 'DataConnectors.Auditor');
  expect((await auditPage(world.pool, stranger, EVERYTHING, 50)).entries).toEqual([]);
});

describe('a page', () => {
  it('is the newest first, each entry with where it came from and its place in the chain', async () => {
    const { entries, next } = await auditPage(world.pool, auditor, EVERYTHING, 50);
    expect(next).toBeNull();
    expect(entries.map(({ action, person, link }) => [action, person, link?.seq])).toEqual([
      ['access.refused', 'Grace Adeyemi', '4'],
      ['connector.stop-lifted', null, '3'],
      ['connector.renamed', 'Grace Adeyemi', '2'],
      ['session.signed-in', 'Grace Adeyemi', '1'],
    ]);
    expect(entries[0]?.clientAddress).toBe('203.0.113.7');
    expect(entries[2]).toMatchObject({ detail: { before: 'Old', after: '=1+1' }, targetId: connectorId });
  });

  it('goes on where the last one ended', async () => {
    const first = await auditPage(world.pool, auditor, EVERYTHING, 3);
    const second = await auditPage(world.pool, auditor, { ...EVERYTHING, before: first.next }, 3);
    expect(second.entries.map(({ action }) => action)).toEqual(['session.signed-in']);
    expect(second.next).toBeNull();
  });

  it('is searched by day, person, kind, target and result', async () => {
    const today = new Date().toISOString().slice(0, 10);
    expect(await found({ from: today, to: today })).toHaveLength(4);
    expect(await found({ from: '2020-01-01', to: '2020-01-02' })).toEqual([]);
    expect(await found({ who: 'adeye' })).toHaveLength(3);
    expect(await found({ who: grace.userId.toUpperCase() })).toHaveLength(3);
    expect(await found({ who: 'system' })).toEqual(['connector.stop-lifted']);
    expect(await found({ kind: 'access' })).toEqual(['access.refused', 'session.signed-in']);
    expect(await found({ on: connectorId })).toEqual(['connector.stop-lifted', 'connector.renamed']);
    expect(await found({ refused: true })).toEqual(['access.refused']);
    expect(await found({ who: '%' })).toEqual([]);
  });
});

describe('an export', () => {
  it('is CSV that no spreadsheet calculates, oldest first, and is in the log itself', async () => {
    const file = await written(await exportAuditLog(world.pool, auditor, EVERYTHING, 'csv'));
    const lines = file.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^\uFEFFTime,Who,/);
    expect(lines[1]).toContain('session.signed-in');
    expect(lines.at(-1)).toContain('audit.exported');
    expect(lines).toHaveLength(6);
    expect(file).not.toMatch(/(^|,)=/m);
    expect(await found({ kind: 'audit' })).toEqual(['audit.exported']);
  });

  it('is JSON lines in which each entry is whole', async () => {
    const selection = { ...EVERYTHING, on: connectorId };
    const file = await written(await exportAuditLog(world.pool, auditor, selection, 'jsonl'));
    const lines = file
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      {
        action: 'connector.renamed',
        actor: { id: grace.userId, name: 'Grace Adeyemi' },
        chain: { place: '2', key: 'a1' },
      },
      { action: 'connector.stop-lifted', actor: { id: 'system' }, target: { type: 'connector', id: connectorId } },
    ]);
  });
});

it('says how far it is verified, and which entry is the first that is not', async () => {
  expect(await auditState(world.pool, auditor)).toMatchObject({ verifiedAt: null, finding: null });
  await linkEntries(world.pool, world.keys);
  await verifyAndKeep(world, world.organizationId);
  expect(await auditState(world.pool, auditor)).toMatchObject({ finding: null, anchorSeq: null });
  const { rows } = await world.pool.query<{ id: string }>(`SELECT id::text FROM audit_entry ORDER BY id LIMIT 1`);
  await world.tamper(`UPDATE audit_entry SET actor_name = 'Nobody' WHERE id = $1`, [rows[0]?.id]);
  await verifyAndKeep(world, world.organizationId);
  expect(await auditState(world.pool, auditor)).toMatchObject({ finding: { kind: 'altered', entryId: rows[0]?.id } });
});
