/** A program's version that a person has to look at: why it waits, who may decide, and that it does not ask for ever. */
import { describe, expect, it } from 'vitest';
import * as versions from '../connectors/mapping/use-cases.ts';
import { file, numberOf, type World, worldForEach } from '../connectors/mapping/world.fixture.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { heldToDocument } from './held-to-document.fixture.ts';
import { mappingApiDocument } from './openapi.ts';
import { APP, type Call, PRINCIPAL, people, putFile } from './put-file.fixture.ts';

const [A, B] = [1, 2].map(numberOf) as [string, string];
const checker = heldToDocument(mappingApiDocument('https://portal.example/'));

let world: World;
worldForEach((fresh) => {
  world = fresh;
});

const put = (body: string, call?: Call) => putFile(world, checker, body, call);
const inForceRows = async () => world.rowsOf((await world.inForce()) ?? '');
const versionCount = async () => {
  const { rows } = await world.database.pool.query(
    'SELECT status FROM mapping_version WHERE connector_id = $1 ORDER BY number',
    [world.connector.id],
  );
  return rows.map(({ status }) => status);
};
/** what the program has waiting */
async function waiting() {
  const { rows } = await world.database.pool.query<{ id: string; number: number }>(
    `SELECT id, number FROM mapping_version WHERE connector_id = $1 AND status = 'proposed' AND origin = 'api'`,
    [world.connector.id],
  );
  return { connectorId: world.connector.id, versionId: rows[0]?.id ?? '', number: rows[0]?.number ?? 0 };
}

describe('where another administrator must approve it', () => {
  const connectorId = () => world.connector.id;
  async function waitingVersion(): Promise<{ versionId: string; base: string | null }> {
    await put(file(...people(30)));
    await world.database.pool.query('UPDATE organization SET mapping_approval = true WHERE id = $1', [
      world.organizationId,
    ]);
    expect(await put(file(...people(15)))).toMatchObject({ status: 202, body: { waitsFor: 'approval' } });
    return { versionId: (await waiting()).versionId, base: await world.inForce() };
  }
  const program = (): Actor => ({ ...world.grace, userId: PRINCIPAL, name: `App ${APP}`, roles: ['Mapping.Propose'] });
  const request = (actor: Actor, version: { versionId: string; base: string | null }) =>
    versions.requestApproval(world.parts, actor, {
      ...version,
      connectorId: connectorId(),
      reason: 'the merger',
      shiftedConfirmation: null,
    });
  const approve = (actor: Actor, version: { versionId: string; base: string | null }) =>
    versions.approveVersion(world.parts, actor, { ...version, connectorId: connectorId(), shiftedConfirmation: null });

  it('the program is neither of the two: a person asks, and another one approves', async () => {
    const version = await waitingVersion();
    expect(await approve(world.grace, version)).toEqual({ kind: 'not_requested' });
    await expect(request(program(), version)).rejects.toThrow(NotAllowed);
    await expect(versions.setApprovalDemanded(world.parts, program(), false)).rejects.toThrow(NotAllowed);
    expect(await request(world.grace, version)).toEqual({ kind: 'requested' });
    expect(await approve(world.grace, version)).toEqual({ kind: 'own_proposal' });
    expect(await approve(world.henry, version)).toMatchObject({ kind: 'applied' });
    expect(await inForceRows()).toHaveLength(15);
  });

  it('a request that a program made before counts for nothing, in PostgreSQL either', async () => {
    const version = await waitingVersion();
    const { pool } = world.database;
    await pool.query(
      `UPDATE mapping_version SET reason = 'nightly', approval_requested_by = created_by,
         approval_requested_by_id = created_by_id, approval_requested_at = now() WHERE id = $1`,
      [version.versionId],
    );
    const choice = { connectorId: connectorId(), versionId: version.versionId };
    expect(await versions.findVersion(world.parts, world.grace, choice)).toMatchObject({ approval: null });
    expect(await approve(world.grace, version)).toEqual({ kind: 'not_requested' });
    const decline = { ...choice, reason: 'not these' };
    expect(await versions.declineVersion(world.parts, world.grace, decline)).toEqual({ kind: 'not_requested' });
    const approved = `UPDATE mapping_version SET approved_by = 'Grace', approved_by_id = $2 WHERE id = $1`;
    await expect(pool.query(approved, [version.versionId, world.grace.userId])).rejects.toThrow('a person asks');
    expect(await request(world.grace, version)).toEqual({ kind: 'requested' });
    expect(await approve(world.henry, version)).toMatchObject({ kind: 'applied' });
  });

  it('one that was approved so before gives way to the next like any other', async () => {
    const { versionId } = await waitingVersion();
    const { pool } = world.database;
    const client = await pool.connect();
    await client.query('BEGIN; SET LOCAL session_replication_role = replica');
    await client.query(
      `UPDATE mapping_version SET status = 'superseded' WHERE connector_id = $1 AND status = 'in_force'`,
      [connectorId()],
    );
    await client.query(
      `UPDATE mapping_version SET status = 'in_force', applied_by = 'Grace', applied_at = now(), approved_by = 'Grace',
         approved_by_id = $2, approval_requested_by = created_by, approval_requested_by_id = created_by_id,
         approval_requested_at = now() WHERE id = $1`,
      [versionId, world.grace.userId],
    );
    await client.query('COMMIT');
    client.release();
    expect(await put(file(...people(16)))).toMatchObject({ status: 200, body: { status: 'applied' } });
    expect(await versionCount()).toEqual(['superseded', 'superseded', 'in_force']);
  });

  it('declined or discarded, the same file does not ask again while the same version is in force', async () => {
    const version = await waitingVersion();
    await request(world.grace, version);
    const reason = 'half of them are missing';
    await versions.declineVersion(world.parts, world.henry, { ...version, connectorId: connectorId(), reason });
    const declined = { status: 200, body: { status: 'declined', version: 2, changes: null, waitsFor: null } };
    for (let night = 1; night <= 2; night++) expect(await put(file(...people(15)))).toMatchObject(declined);
    expect(await versionCount()).toEqual(['in_force', 'discarded']);
    // Another wish, or another file, asks; so does the same file against another mapping.
    expect(await put(file(...people(15)), { query: '?mode=add' })).toMatchObject({ body: { status: 'unchanged' } });
    expect(await put(file(...people(14)))).toMatchObject({ status: 202, body: { version: 3 } });
    expect(await put(file(...people(15)))).toMatchObject(declined);
    // The other one of this program gave way to it.
    expect(await versionCount()).toEqual(['in_force', 'discarded', 'discarded']);
    expect(await put(file(...people(14)))).toMatchObject({ status: 202, body: { version: 4 } });
    expect(await versions.discardProposal(world.parts, world.henry, await waiting())).toEqual({ kind: 'discarded' });
    expect(await put(file(...people(14)))).toMatchObject({ status: 200, body: { status: 'declined', version: 4 } });
    await put(file(...people(29)));
    expect(await put(file(...people(15)))).toMatchObject({ status: 202, body: { version: 6 } });
  });
});

describe('what somebody put right in the portal', () => {
  const map = (number: string, mailbox: string, from?: Date) =>
    versions.mapNumber(world.parts, world.grace, {
      connectorId: world.connector.id,
      number,
      mailbox,
      reason: 'a correction',
      ...(from === undefined ? {} : { from }),
    });
  const overruled = async (actor: Actor = world.grace) => {
    const difference = await versions.versionDifference(world.parts, actor, await waiting());
    return difference.kind === 'difference' ? difference.overruled : difference.kind;
  };

  it('waits for a person where the file has it wrong still, who sees which numbers', async () => {
    await put(file(...people(30)));
    await map(A, 'ann@company.example');
    expect(await inForceRows()).toContain('01 ann portal 2');
    expect(await put(file(...people(30)))).toMatchObject({
      status: 202,
      body: { status: 'waiting', waitsFor: 'overrules_portal', changes: { changed: 1, removed: 0 } },
    });
    expect(await put(file(...people(31)), { query: '?mode=add' })).toMatchObject({
      status: 202,
      body: { waitsFor: 'overrules_portal', changes: { changed: 1, added: 1 } },
    });
    expect(await inForceRows()).toContain('01 ann portal 2');
    const row = {
      oldMailbox: 'ann@company.example',
      newMailbox: 'user1@company.example',
      validFrom: null,
      validTo: null,
    };
    expect(await overruled()).toEqual({ count: 1, rows: [{ number: A, ...row }] });
    expect(await overruled(world.reader)).toEqual({ count: 1, rows: [{ number: '+1••••••0001', ...row }] });
    // The file is put right: nothing is overruled, and from then on the file decides.
    const [, ...others] = people(30);
    expect(await put(file(`${A},ann@company.example`, ...others))).toMatchObject({ body: { status: 'unchanged' } });
    const moved = await put(file(`${A},ann@company.example`, ...others.slice(1), `${B},ben@company.example`));
    expect(moved).toMatchObject({ body: { status: 'applied' } });
    expect(await put(file(...people(30)))).toMatchObject({ body: { status: 'applied', changes: { changed: 2 } } });
  });

  it('goes where the file has nothing of the number and the program said so beforehand', async () => {
    await put(file(...people(30)));
    await map(numberOf(31), 'new@company.example');
    expect(await put(file(...people(30)))).toMatchObject({ status: 409, body: { portalRowCount: 1 } });
    expect(await put(file(...people(30)), { query: '?portalRows=remove' })).toMatchObject({
      body: { status: 'applied', changes: { removed: 1 } },
    });
  });

  it('of which the file leaves out some time, too, and not what it says the same of', async () => {
    await put(file(...people(30)));
    const since = new Date('2026-03-01T00:00:00Z');
    await map(A, 'ann@company.example', since);
    const [, ...others] = people(30);
    const cut = `${A},user1@company.example,,2026-02-28`;
    const until = file(cut, `${A},ann@company.example,2026-03-01,2026-03-31`, ...others);
    expect(await put(until)).toMatchObject({ status: 202, body: { waitsFor: 'overrules_portal' } });
    const silent = {
      oldMailbox: 'ann@company.example',
      newMailbox: null,
      validFrom: new Date('2026-04-01'),
      validTo: null,
    };
    expect(await overruled()).toEqual({ count: 1, rows: [{ number: A, ...silent }] });
    const same = file(cut, `${A},ann@company.example,2026-03-01`, ...others, `${numberOf(31)},new@company.example`);
    expect(await put(same)).toMatchObject({ body: { status: 'applied', changes: { added: 1 } } });
  });
});

describe('what a person went back from', () => {
  const goBackTo = async (number: number): Promise<void> => {
    const { rows } = await world.database.pool.query<{ id: string }>(
      'SELECT id FROM mapping_version WHERE connector_id = $1 AND number = $2',
      [world.connector.id, number],
    );
    const connectorId = world.connector.id;
    const proposed = await versions.restoreVersion(world.parts, world.grace, {
      connectorId,
      versionId: rows[0]?.id ?? '',
    });
    if (proposed.kind !== 'proposed') throw new RangeError(proposed.kind);
    const { versionId } = proposed;
    const base = await world.inForce();
    const choice = { connectorId, versionId, base, reason: 'they are misfiled', shiftedConfirmation: null };
    expect(await versions.applyVersion(world.parts, world.grace, { ...choice, confirmation: null })).toMatchObject({
      kind: 'applied',
    });
  };
  const wrong = file(`${A},ann@company.example`, ...people(30).slice(1));

  it('is not brought back by the next night: it waits for a person, and is the file’s again once one applied it', async () => {
    await put(file(...people(30)));
    expect(await put(wrong)).toMatchObject({ body: { status: 'applied', version: 2 } });
    await goBackTo(1);
    const asks = { status: 202, body: { status: 'waiting', version: 4, waitsFor: 'went_back' } };
    for (let night = 1; night <= 2; night++) expect(await put(wrong)).toMatchObject(asks);
    expect(await inForceRows()).toContain('01 user1 file 2 of 1');
    const { connectorId, versionId } = await waiting();
    const base = await world.inForce();
    const choice = { connectorId, versionId, base, reason: 'it was right', shiftedConfirmation: null };
    expect(await versions.applyVersion(world.parts, world.grace, { ...choice, confirmation: null })).toMatchObject({
      kind: 'applied',
    });
    expect(await put(file(...people(29), `${numberOf(30)},ben@company.example`))).toMatchObject({
      body: { status: 'applied' },
    });
    expect(await put(wrong)).toMatchObject({ body: { status: 'applied' } });
  });

  it('also where a number was mapped since; another file is another matter', async () => {
    await put(file(...people(30)));
    await put(wrong);
    await goBackTo(1);
    await versions.mapNumber(world.parts, world.grace, {
      connectorId: world.connector.id,
      number: numberOf(31),
      mailbox: 'new@company.example',
      reason: 'a new phone',
    });
    expect(await put(wrong, { query: '?portalRows=keep' })).toMatchObject({
      status: 202,
      body: { waitsFor: 'went_back' },
    });
    expect(
      await put(file(...people(30), `${numberOf(32)},cleo@company.example`), { query: '?portalRows=keep' }),
    ).toMatchObject({
      body: { status: 'applied' },
    });
  });
});

describe('an alert', () => {
  const open = async () => {
    const { rows } = await world.database.pool.query<{ code: string; detail: unknown }>(
      'SELECT code, detail FROM alert WHERE connector_id = $1 AND resolved_at IS NULL',
      [world.connector.id],
    );
    return rows.map(({ code, detail }) => `${code} ${JSON.stringify(detail)}`);
  };

  it('says that a version waits, once, and ends with it, however it ends', async () => {
    await put(file(...people(30)));
    expect(await open()).toEqual([]);
    world.notified.length = 0;
    for (let night = 1; night <= 2; night++) await put(file(...people(15)));
    expect(await open()).toEqual(['mapping_waits {"version":2}']);
    expect(world.notified).toContain(world.connector.id);
    // A later file in its place: one version waits as before.
    await put(file(...people(14)));
    expect(await open()).toHaveLength(1);
    // Somebody else's proposal is no matter of this alert.
    await world.propose(file(...people(2)));
    await versions.discardProposal(world.parts, world.henry, await waiting());
    expect(await open()).toEqual([]);
    await put(file(...people(13)));
    expect(await open()).toHaveLength(1);
    const { connectorId, versionId, number } = await waiting();
    const applied = await versions.applyVersion(world.parts, world.henry, {
      connectorId,
      versionId,
      base: await world.inForce(),
      reason: 'they left',
      confirmation: `apply version ${number}`,
      shiftedConfirmation: null,
    });
    expect(applied).toMatchObject({ kind: 'applied' });
    expect(await open()).toEqual([]);
  });

  it('stays where the version is made anew against another mapping, and goes when the file is in force already', async () => {
    await put(file(...people(30)));
    await put(file(...people(15)));
    const before = await waiting();
    await world.putInForce(file(...people(29)));
    const again = await versions.proposeAgain(world.parts, world.grace, { ...before, portalRows: null });
    expect(again).toMatchObject({ kind: 'proposed' });
    expect(await open()).toHaveLength(1);
    await put(file(...people(29)));
    expect(await open()).toEqual([]);
  });
});
