/** The audit log is chained, anchored, and every way of changing it is found. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anchorHeads } from './anchor-heads.ts';
import { AUDIT_KEYS, type AuditWorld, auditWorld } from './chain.fixture.ts';
import type { Finding } from './finding.ts';
import { acceptRestore, looksRestored } from './fork.ts';
import { parseAuditKeys } from './keys.ts';
import { linkEntries } from './link-entries.ts';
import { type VerifiedLog, verifyAuditLog } from './verify.ts';

const HOUR = 60 * 60_000;

let world: AuditWorld;
beforeEach(async () => {
  world = await auditWorld();
});
afterEach(() => world.close());

const verify = (): Promise<VerifiedLog> => verifyAuditLog(world, world.organizationId);
const finding = async (): Promise<Finding | null> => (await verify()).finding;

async function linked(...comments: readonly string[]): Promise<void> {
  await world.write(...comments);
  await linkEntries(world.pool, world.keys);
}

async function entryIdAt(seq: number): Promise<string> {
  const { rows } = await world.pool.query<{ entry_id: string }>(
    'SELECT entry_id::text FROM audit_link WHERE seq = $1',
    [seq],
  );
  return rows[0]?.entry_id ?? '';
}

describe('a chain', () => {
  it('of nothing is whole', async () => {
    expect(await verify()).toMatchObject({ throughSeq: '0', throughTime: null, anchor: null, finding: null });
  });

  it('covers every entry once, in one order, whoever links', async () => {
    await world.write(...Array.from({ length: 60 }, (_, index) => `entry ${index}`));
    await Promise.all([1, 2, 3].map(() => linkEntries(world.pool, world.keys)));
    await linkEntries(world.pool, world.keys);
    expect(await verify()).toMatchObject({ throughSeq: '60', finding: null });
    const { rows } = await world.pool.query(
      'SELECT count(*)::int AS entries, count(DISTINCT entry_id)::int AS links, max(seq)::int AS seq FROM audit_link',
    );
    expect(rows).toEqual([{ entries: 60, links: 60, seq: 60 }]);
  });

  it('goes on under a new key, and verifies under both', async () => {
    await linked('before');
    const both = parseAuditKeys(`a2:${randomBytes(32).toString('base64')},${AUDIT_KEYS}`);
    await world.write('after');
    await linkEntries(world.pool, both);
    expect(await verifyAuditLog({ ...world, keys: both }, world.organizationId)).toMatchObject({
      throughSeq: '2',
      finding: null,
    });
    expect(await finding()).toEqual({ kind: 'key_missing', seq: '2', keyId: 'a2' });
  });

  it('is anchored once an hour, where it has grown', async () => {
    await linked('one');
    await anchorHeads(world);
    await linked('two');
    await anchorHeads(world);
    expect(await verify()).toMatchObject({ anchor: { seq: '1' }, anchors: 1, finding: null });
    world.wait(HOUR);
    await anchorHeads(world);
    world.wait(HOUR);
    await anchorHeads(world);
    expect(await verify()).toMatchObject({ anchor: { seq: '2' }, anchors: 2, throughSeq: '2', finding: null });
  });
});

describe('finds', () => {
  beforeEach(() => linked('one', 'two', 'three', 'four', 'five'));

  it.each([
    ['detail', `detail = detail || '{"comment":"other"}'`],
    ['actor', `actor_name = 'Somebody else'`],
    ['address', 'client_address = NULL'],
    ['action', `action = 'connector.paused'`],
    ['result', `result = 'refused'`],
  ])('an entry whose %s was altered', async (_, change) => {
    const entryId = await entryIdAt(3);
    await world.tamper(`UPDATE audit_entry SET ${change} WHERE id = $1`, [entryId]);
    expect(await verify()).toMatchObject({ throughSeq: '2', finding: { kind: 'altered', seq: '3', entryId } });
  });

  it('an entry that is gone', async () => {
    const entryId = await entryIdAt(3);
    await world.tamper('DELETE FROM audit_entry WHERE id = $1', [entryId]);
    expect(await finding()).toEqual({ kind: 'missing', seq: '3', entryId });
  });

  it('an entry that is gone with its link', async () => {
    await world.tamper('DELETE FROM audit_entry WHERE id = $1', [await entryIdAt(3)]);
    await world.tamper('DELETE FROM audit_link WHERE seq = 3');
    expect(await finding()).toEqual({ kind: 'gap', seq: '3' });
  });

  it('an entry that is gone, when those behind it moved up', async () => {
    await world.tamper('DELETE FROM audit_entry WHERE id = $1', [await entryIdAt(3)]);
    await world.tamper('DELETE FROM audit_link WHERE seq = 3');
    await world.tamper('UPDATE audit_link SET seq = seq - 1 WHERE seq > 3');
    expect(await finding()).toMatchObject({ kind: 'altered', seq: '3' });
  });

  it('two entries that changed places', async () => {
    const [second, fourth] = [await entryIdAt(2), await entryIdAt(4)];
    await world.tamper('UPDATE audit_link SET entry_id = -entry_id, entry_at = entry_at WHERE seq IN (2, 4)');
    await world.tamper(
      `UPDATE audit_link l SET entry_id = e.id, entry_at = e.at FROM audit_entry e
       WHERE e.id = CASE l.seq WHEN 2 THEN $2::bigint ELSE $1::bigint END AND l.seq IN (2, 4)`,
      [second, fourth],
    );
    expect(await finding()).toEqual({ kind: 'reordered', seq: '2', entryId: fourth, belongs: second });
  });

  it('an end that was cut off, by the anchor', async () => {
    await anchorHeads(world);
    await world.tamper('DELETE FROM audit_entry WHERE id = $1', [await entryIdAt(5)]);
    await world.tamper('DELETE FROM audit_link WHERE seq = 5');
    await world.tamper('DELETE FROM audit_anchor');
    expect(await finding()).toMatchObject({ kind: 'cut_off', seq: '5', anchorSeq: '5' });
  });

  it('a chain that was linked anew after a change, by the anchor', async () => {
    await anchorHeads(world);
    await world.tamper(`UPDATE audit_entry SET actor_name = 'Somebody else' WHERE id = $1`, [await entryIdAt(5)]);
    await world.tamper(
      'INSERT INTO audit_unlinked SELECT organization_id, entry_id, entry_at FROM audit_link WHERE seq > 4',
    );
    await world.tamper('DELETE FROM audit_link WHERE seq > 4');
    await linkEntries(world.pool, world.keys);
    expect(await finding()).toMatchObject({ kind: 'other_chain', seq: '5' });
  });

  it('an entry that was kept from being linked', async () => {
    await world.write('six');
    await world.tamper('DELETE FROM audit_unlinked');
    expect(await finding()).toBeNull();
    world.wait(HOUR);
    expect(await finding()).toMatchObject({ kind: 'never_linked' });
  });

  it('an anchor that was not signed by this installation', async () => {
    await anchorHeads({ ...world, keys: parseAuditKeys(`a1:${randomBytes(32).toString('base64')}`) });
    expect(await finding()).toMatchObject({ kind: 'anchor_not_ours' });
  });
});

describe('after a restore', () => {
  /** Takes the database back to its first entries, as a backup does. */
  async function restoreTo(seq: number): Promise<void> {
    await world.tamper('DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_link WHERE seq > $1)', [seq]);
    await world.tamper('DELETE FROM audit_link WHERE seq > $1', [seq]);
    await world.tamper('DELETE FROM audit_anchor WHERE seq > $1', [seq]);
  }

  it('the log is accepted with a reason, whatever was written before that', async () => {
    await linked('one', 'two');
    await anchorHeads(world);
    world.wait(HOUR);
    await linked('three', 'four');
    await anchorHeads(world);
    await restoreTo(3);
    await linked('another four');
    const restored = await verify();
    expect(restored).toMatchObject({ throughSeq: '3', finding: { kind: 'other_chain', seq: '4' } });
    expect(looksRestored(restored)).toBe(true);

    // The clock of the entries is PostgreSQL's: the anchors of before are made older than it.
    await acceptRestore(world.pool, restored, 'The disk failed.');
    await world.tamper(`UPDATE audit_entry SET at = at + interval '3 hours' WHERE action = 'audit.forked'`);
    await world.tamper(`UPDATE audit_unlinked u SET entry_at = e.at FROM audit_entry e WHERE e.id = u.entry_id`);
    await linkEntries(world.pool, world.keys);
    expect(await verify()).toMatchObject({
      throughSeq: '5',
      anchor: { seq: '2' },
      forks: [{ seq: '5', commonSeq: '3', reason: 'The disk failed.' }],
      finding: null,
    });
  });

  it('what is changed behind it is still found', async () => {
    await linked('one', 'two', 'three');
    await anchorHeads(world);
    await restoreTo(2);
    await acceptRestore(world.pool, await verify(), 'The disk failed.');
    await linkEntries(world.pool, world.keys);
    expect(await finding()).toBeNull();
    await world.tamper(`UPDATE audit_entry SET actor_name = 'X' WHERE id = $1`, [await entryIdAt(2)]);
    expect(await finding()).toMatchObject({ kind: 'altered', seq: '2' });
    expect(looksRestored(await verify())).toBe(false);
  });
});
