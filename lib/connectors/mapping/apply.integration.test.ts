/** Applying: against what was compared, within the guards, by two people where the organization demands it. */
import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { lockVersions } from '#lib/mapping/store/versions.ts';
import { type Actor, NotAllowed } from '#lib/security/actor.ts';
import {
  type ApplyInput,
  applyVersion,
  approvalSetting,
  approveVersion,
  declineVersion,
  discardProposal,
  findVersion,
  listVersions,
  mapNumber,
  proposeAgain,
  requestApproval,
  restoreVersion,
  setApprovalDemanded,
  versionDifference,
} from './use-cases.ts';
import { file, numberOf, register, type World, worldForEach } from './world.fixture.ts';

const [A, B, C] = [1, 2, 3].map(numberOf) as [string, string, string];

let first: World;
let world: World;
let connectorId: string;
worldForEach(async (fresh, shared) => {
  world = fresh;
  first = shared;
  connectorId = world.connector.id;
});

async function proposed(text: string, actor: Actor = world.grace): Promise<string> {
  const result = await world.propose(text, {}, actor);
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}
const apply = (versionId: string, base: string | null, more: Partial<ApplyInput> = {}, actor: Actor = world.grace) =>
  applyVersion(world.parts, actor, {
    connectorId,
    versionId,
    base,
    reason: 'the yearly list',
    confirmation: null,
    shiftedConfirmation: null,
    ...more,
  });
const find = (versionId: string, actor: Actor = world.grace) =>
  findVersion(world.parts, actor, { connectorId, versionId });

/** A mapping of so many numbers, of which some go elsewhere. */
const many = (count: number, elsewhere = 0): string =>
  file(
    ...Array.from(
      { length: count },
      (_, index) => `${numberOf(index)},${index < elsewhere ? 'new' : 'user'}${index}@company.example`,
    ),
  );

describe('a version', () => {
  it('comes into force with a reason, is audited, and has what waits looked at again', async () => {
    const base = await world.putInForce(file(`${A},ann@company.example`));
    const versionId = await proposed(file(`${A},ann@company.example`, `${B},ben@company.example`));
    world.enqueued.length = 0;
    world.notified.length = 0;
    expect(await apply(versionId, base, { reason: ' no ' })).toEqual({ kind: 'bad_reason' });
    expect(await apply(versionId, base, { reason: 'because\0' })).toEqual({ kind: 'bad_reason' });
    expect(await apply(versionId, base, {}, world.henry)).toEqual({ kind: 'applied', number: 2 });
    expect(await world.inForce()).toBe(versionId);
    expect(await find(versionId)).toMatchObject({ status: 'in_force', reason: 'the yearly list', appliedBy: 'Henry' });
    expect(await find(base)).toMatchObject({ status: 'superseded' });
    expect(world.enqueued).toEqual([`release ${connectorId}`]);
    expect(world.notified).toEqual([connectorId]);
    expect((await world.audited('mapping.applied')).at(-1)).toEqual({
      version: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      before: 1,
      added: 1,
      changed: 0,
      removed: 0,
      guards: [],
      reason: 'the yearly list',
    });
    expect(await apply(versionId, versionId)).toEqual({ kind: 'not_found' });
  });

  it('is applied by nobody without the permission, nor in another organization, nor on a connector that is gone', async () => {
    const versionId = await proposed(file(`${A},ann@company.example`));
    await expect(apply(versionId, null, {}, world.reader)).rejects.toThrow(NotAllowed);
    expect(await apply(versionId, null, {}, first.grace)).toEqual({ kind: 'not_found' });
    expect(await apply(versionId, null, { connectorId: first.connector.id })).toEqual({ kind: 'not_found' });
    await world.database.pool.query(`UPDATE connector SET status = 'deleted' WHERE id = $1`, [connectorId]);
    expect(await apply(versionId, null)).toEqual({ kind: 'not_found' });
    expect(await world.inForce()).toBeNull();
  });

  it('that somebody discards ends, once', async () => {
    const versionId = await proposed(file(`${A},ann@company.example`));
    const input = { connectorId, versionId };
    expect(await discardProposal(world.parts, first.grace, input)).toEqual({ kind: 'not_found' });
    expect(await discardProposal(world.parts, world.henry, input)).toEqual({ kind: 'discarded' });
    expect(await discardProposal(world.parts, world.henry, input)).toEqual({ kind: 'not_found' });
    expect(await apply(versionId, null)).toEqual({ kind: 'not_found' });
    expect(await find(versionId)).toMatchObject({ status: 'discarded', discardedBy: 'Henry' });
    expect(await world.audited('mapping.discarded')).toEqual([{ version: 1 }]);
  });
});

describe('two administrators who upload at once', () => {
  it('each get a number; one is told who was faster and with which, compares again, and loses nothing', async () => {
    const base = await world.putInForce(file(`${A},ann@company.example`));
    const [one, two] = await Promise.all([
      world.propose(file(`${A},ann@company.example`, `${B},ben@company.example`), { mode: 'add' }, world.grace),
      world.propose(file(`${C},cleo@company.example`), { mode: 'add' }, world.henry),
    ]);
    if (one.kind !== 'proposed' || two.kind !== 'proposed') throw new Error('not proposed');
    expect([one.number, two.number].toSorted()).toEqual([2, 3]);
    const results = await Promise.all([
      apply(one.versionId, base, {}, world.grace),
      apply(two.versionId, base, {}, world.henry),
    ]);
    const applied = results.findIndex(({ kind }) => kind === 'applied');
    const [winner, loser] = applied === 0 ? [one, two] : [two, one];
    const [by, told] = applied === 0 ? ['Grace', world.henry] : ['Henry', world.grace];
    expect(results[1 - applied]).toEqual({ kind: 'changed_meanwhile', by, number: winner.number });
    // Not even against what is in force now: the rows that came meanwhile would be gone.
    const difference = await versionDifference(world.parts, told, { connectorId, versionId: loser.versionId });
    expect(difference).toMatchObject({ stale: true, counts: { removed: 1 } });
    expect(await apply(loser.versionId, winner.versionId, {}, told)).toMatchObject({ kind: 'changed_meanwhile' });
    const again = await proposeAgain(world.parts, told, {
      connectorId,
      versionId: loser.versionId,
      portalRows: null,
    });
    if (again.kind !== 'proposed') throw new Error(again.kind);
    expect(await apply(again.versionId, winner.versionId, {}, told)).toMatchObject({ kind: 'applied' });
    expect((await world.rowsOf(again.versionId)).map((row) => row.slice(0, 2))).toEqual(['01', '02', '03']);
  });

  it('never both come into force, however close', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const base = await world.inForce();
      const texts = ['ann', 'ben', 'cleo'].map((name) => file(`${A},${name}${turn}@company.example`));
      const ids = await Promise.all(texts.map((text) => proposed(text)));
      const results = await Promise.all(ids.map((id) => apply(id, base)));
      expect(results.map(({ kind }) => kind).toSorted()).toEqual(['applied', 'changed_meanwhile', 'changed_meanwhile']);
    }
  });

  it('nor one of two that go back, each to another version', async () => {
    const old = [await world.putInForce(many(3)), await world.putInForce(many(3, 1))];
    const base = await world.putInForce(many(3, 2));
    const restored = await Promise.all(
      old.map((versionId) => restoreVersion(world.parts, world.grace, { connectorId, versionId })),
    );
    const ids = restored.map((one) => (one.kind === 'proposed' ? one.versionId : ''));
    const results = await Promise.all(ids.map((id) => apply(id, base)));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['applied', 'changed_meanwhile']);
    // The other one can be compared again as it is: its rows are those of a version that was.
    const [left] = ids.filter((_, index) => results[index]?.kind !== 'applied');
    expect(await apply(left ?? '', base)).toMatchObject({ kind: 'changed_meanwhile' });
    expect(await apply(left ?? '', await world.inForce())).toMatchObject({ kind: 'applied' });
  });
});

describe('what changes much', () => {
  it('is applied only where the phrase was typed', async () => {
    const base = await world.putInForce(many(30));
    const few = await proposed(many(30, 10));
    const much = await proposed(many(30, 11));
    expect(await apply(much, base)).toEqual({ kind: 'needs_confirmation', phrase: 'apply version 3' });
    expect(await apply(much, base, { confirmation: 'apply version 2' })).toMatchObject({ kind: 'needs_confirmation' });
    expect(await world.inForce()).toBe(base);
    expect(await apply(few, base)).toMatchObject({ kind: 'applied' });
    const again = await proposed(many(30));
    expect(await apply(again, few)).toMatchObject({ kind: 'applied' });
    const typed = await proposed(many(30, 11));
    expect(await apply(typed, again, { confirmation: ' Apply  version 5 ' })).toEqual({ kind: 'applied', number: 5 });
    expect((await world.audited('mapping.applied')).at(-1)).toMatchObject({
      changed: 11,
      guards: ['typed_confirmation'],
    });
  });

  it('is asked of what is removed, too', async () => {
    const base = await world.putInForce(many(30));
    const versionId = await proposed(many(26));
    expect(await apply(versionId, base)).toMatchObject({ kind: 'needs_confirmation' });
    expect(await apply(await proposed(many(27)), base)).toMatchObject({ kind: 'applied' });
  });

  it('looks shifted where mailboxes no longer are what the source says, and needs a phrase of its own', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => numberOf(index));
    const mailbox = (index: number) => `user${index % 20}@company.example`;
    await register(world, Object.fromEntries(numbers.map((number, index) => [number, mailbox(index)])));
    const base = await world.putInForce(file(...numbers.map((number, index) => `${number},${mailbox(index)}`)));
    const shifted = await proposed(file(...numbers.map((number, index) => `${number},${mailbox(index + 1)}`)));
    const confirmation = 'apply version 2';
    expect(await apply(shifted, base, { confirmation })).toEqual({
      kind: 'rows_look_shifted',
      phrase: 'the mailboxes are right',
    });
    const shiftedConfirmation = 'the mailboxes are right';
    expect(await apply(shifted, base, { shiftedConfirmation })).toMatchObject({ kind: 'needs_confirmation' });
    expect(await apply(shifted, base, { confirmation, shiftedConfirmation })).toMatchObject({ kind: 'applied' });
  });
});

describe('where the organization demands another administrator', () => {
  const ask = (versionId: string, base: string | null, actor: Actor = world.grace) =>
    requestApproval(world.parts, actor, {
      connectorId,
      versionId,
      base,
      reason: 'the merger',
      shiftedConfirmation: null,
    });
  const approve = (versionId: string, base: string | null, actor: Actor) =>
    approveVersion(world.parts, actor, { connectorId, versionId, base, shiftedConfirmation: null });

  it('much is applied by another one only, who neither proposed it nor asked', async () => {
    const base = await world.putInForce(many(30));
    expect(await setApprovalDemanded(world.parts, world.grace, true)).toBe('done');
    const versionId = await proposed(many(30, 20));
    const confirmation = 'apply version 2';
    expect(await apply(versionId, base, { confirmation })).toEqual({ kind: 'needs_approval' });
    expect(await apply(versionId, base, { confirmation }, world.henry)).toEqual({ kind: 'needs_approval' });
    expect(await approve(versionId, base, world.henry)).toEqual({ kind: 'not_requested' });
    // Henry asks for what Grace proposed: it takes a third one.
    expect(await ask(versionId, base, world.henry)).toEqual({ kind: 'requested' });
    expect(await find(versionId, world.henry)).toMatchObject({
      reason: 'the merger',
      approval: { requestedBy: 'Henry', requestedByMe: true },
    });
    expect(await approve(versionId, base, world.grace)).toEqual({ kind: 'own_proposal' });
    expect(await approve(versionId, base, world.henry)).toEqual({ kind: 'own_proposal' });
    // PostgreSQL does not take a line that says otherwise either.
    await expect(
      world.database.pool.query('UPDATE mapping_version SET approved_by_id = created_by_id WHERE id = $1', [versionId]),
    ).rejects.toThrow('nobody_approves_their_own');
    expect(await world.inForce()).toBe(base);
    const iris = { ...world.henry, userId: '00000000-0000-4000-8000-00000000001a', name: 'Iris' };
    expect(await approve(versionId, base, iris)).toEqual({ kind: 'applied', number: 2 });
    expect(await find(versionId)).toMatchObject({ status: 'in_force', approvedBy: 'Iris', reason: 'the merger' });
    expect((await world.audited('mapping.applied')).at(-1)).toMatchObject({
      guards: ['approval'],
      proposedBy: 'Grace',
      askedBy: 'Henry',
      approvedBy: 'Iris',
      reason: 'the merger',
    });
    expect(world.enqueued.at(-1)).toBe(`release ${connectorId}`);
  });

  it('is not given by who asks anew in the moment of approving', async () => {
    const base = await world.putInForce(many(30));
    await setApprovalDemanded(world.parts, world.grace, true);
    const versionId = await proposed(many(30, 20));
    expect(await ask(versionId, base)).toEqual({ kind: 'requested' });
    const other = await world.database.pool.connect();
    await other.query('BEGIN');
    await lockVersions(other, connectorId);
    const approval = approve(versionId, base, world.henry);
    await vi.waitFor(async () => {
      const { rows } = await other.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      expect(rows).toHaveLength(1);
    });
    await other.query(
      'UPDATE mapping_version SET approval_requested_by = $2, approval_requested_by_id = $3 WHERE id = $1',
      [versionId, world.henry.name, world.henry.userId],
    );
    await other.query('COMMIT');
    other.release();
    expect(await approval).toEqual({ kind: 'own_proposal' });
    expect(await world.inForce()).toBe(base);
  });

  it('little is applied as always', async () => {
    const base = await world.putInForce(many(30));
    await setApprovalDemanded(world.parts, world.grace, true);
    const versionId = await proposed(many(30, 3));
    expect(await ask(versionId, base)).toEqual({ kind: 'not_needed' });
    expect(await apply(versionId, base)).toMatchObject({ kind: 'applied' });
  });

  it('it can be declined, with a reason, and is not approved against what came meanwhile', async () => {
    const base = await world.putInForce(many(30));
    await setApprovalDemanded(world.parts, world.grace, true);
    const versionId = await proposed(many(30, 20));
    const decline = (reason: string) => declineVersion(world.parts, world.henry, { connectorId, versionId, reason });
    expect(await decline('these are not ours')).toEqual({ kind: 'not_requested' });
    expect(await ask(versionId, base)).toEqual({ kind: 'requested' });
    const little = await proposed(many(30, 1));
    expect(await apply(little, base)).toMatchObject({ kind: 'applied' });
    expect(await approve(versionId, base, world.henry)).toEqual({ kind: 'changed_meanwhile', by: 'Grace', number: 3 });
    expect(await decline('x')).toEqual({ kind: 'bad_reason' });
    expect(await decline('these are not ours')).toEqual({ kind: 'declined' });
    expect(await find(versionId)).toMatchObject({ status: 'discarded', declinedReason: 'these are not ours' });
    expect(await world.audited('mapping.declined')).toEqual([{ version: 2, reason: 'these are not ours' }]);
  });

  it('a request is not ended by who is neither its author nor asked, without a reason', async () => {
    const base = await world.putInForce(many(30));
    await setApprovalDemanded(world.parts, world.grace, true);
    const discard = (versionId: string, actor: Actor) =>
      discardProposal(world.parts, actor, { connectorId, versionId });
    const versionId = await proposed(many(30, 20));
    expect(await ask(versionId, base)).toEqual({ kind: 'requested' });
    expect(await discard(versionId, world.henry)).toEqual({ kind: 'asked_by_another' });
    const again = { connectorId, versionId, portalRows: null };
    expect(await proposeAgain(world.parts, world.henry, again)).toEqual({ kind: 'not_found' });
    expect(await find(versionId)).toMatchObject({ status: 'proposed', approval: { requestedBy: 'Grace' } });
    expect(await world.audited('mapping.discarded')).toEqual([]);
    expect(await discard(versionId, world.grace)).toEqual({ kind: 'discarded' });
    // Who asked for what another one proposed takes it back as well.
    const other = await proposed(many(30, 20));
    expect(await ask(other, base, world.henry)).toEqual({ kind: 'requested' });
    expect(await discard(other, world.henry)).toEqual({ kind: 'discarded' });
  });

  it('one administrator alone does not end the demand', async () => {
    const setting = (actor: Actor) => approvalSetting(world.parts, actor);
    const set = (actor: Actor, demanded: boolean) => setApprovalDemanded(world.parts, actor, demanded);
    expect(await set(world.grace, false)).toBe('unchanged');
    expect(await set(world.grace, true)).toBe('done');
    expect(await set(world.grace, false)).toBe('asked');
    expect(await set(world.grace, false)).toBe('unchanged');
    expect(await setting(world.henry)).toEqual({ demanded: true, offRequestedBy: 'Grace', offRequestedByMe: false });
    // Somebody wants it to stay: the question is gone.
    expect(await set(world.henry, true)).toBe('done');
    expect(await setting(world.grace)).toEqual({ demanded: true, offRequestedBy: null, offRequestedByMe: false });
    expect(await set(world.grace, false)).toBe('asked');
    expect(await set(world.henry, false)).toBe('done');
    expect(await setting(world.reader)).toEqual({ demanded: false, offRequestedBy: null, offRequestedByMe: false });
    expect(await world.audited('organization.mapping-approval')).toHaveLength(5);
    await expect(set(world.reader, true)).rejects.toThrow(NotAllowed);
    expect((await approvalSetting(first.parts, first.grace)).demanded).toBe(false);
  });
});

describe('the audit log', () => {
  it('names the file of a version that is proposed, made anew, brought back, or applied', async () => {
    const one = await world.putInForce(many(3));
    const waits = await proposed(many(2));
    await world.putInForce(many(4));
    await proposeAgain(world.parts, world.grace, { connectorId, versionId: waits, portalRows: null });
    await restoreVersion(world.parts, world.grace, { connectorId, versionId: one });
    const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
    const [three, two, four] = [3, 2, 4].map((count) => hashOf(many(count)));
    const noted = async (action: string) => (await world.audited(action)).map(({ sha256 }) => sha256);
    expect(await noted('mapping.proposed')).toEqual([three, two, four, two, three]);
    expect(await noted('mapping.applied')).toEqual([three, four]);
  });
});

it('proposals are listed however old they are, those that wait for approval first', async () => {
  const base = await world.putInForce(many(30));
  await setApprovalDemanded(world.parts, world.grace, true);
  const [oldest, older] = [await proposed(many(30, 20)), await proposed(many(30, 1))];
  expect(
    await requestApproval(world.parts, world.grace, {
      connectorId,
      versionId: oldest,
      base,
      reason: 'the yearly list',
      shiftedConfirmation: null,
    }),
  ).toEqual({ kind: 'requested' });
  const newest = await proposed(many(30, 2));
  const ended = await proposed(many(30, 3));
  await discardProposal(world.parts, world.grace, { connectorId, versionId: ended });
  const list = await listVersions(world.parts, world.reader, { connectorId, before: null, limit: 1 });
  expect(list?.versions.map(({ id }) => id)).toEqual([ended]);
  expect(list?.proposed.map(({ id }) => id)).toEqual([oldest, newest, older]);
});

describe('an old version', () => {
  it('comes back as a new one with its rows, which say where they came from', async () => {
    const one = await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`));
    const two = await world.putInForce(file(`${A},eve@company.example`));
    expect(await restoreVersion(world.parts, world.grace, { connectorId, versionId: two })).toEqual({
      kind: 'in_force',
    });
    expect(await restoreVersion(world.parts, first.grace, { connectorId, versionId: one })).toEqual({
      kind: 'not_found',
    });
    const restored = await restoreVersion(world.parts, world.grace, { connectorId, versionId: one });
    if (restored.kind !== 'proposed') throw new Error(restored.kind);
    expect(await world.rowsOf(restored.versionId)).toEqual(['01 ann file 2 of 1', '02 ben file 3 of 1']);
    expect(await find(restored.versionId)).toMatchObject({ mode: 'restore', basedOn: 1, rowCount: 2, number: 3 });
    expect(await apply(restored.versionId, two)).toEqual({ kind: 'applied', number: 3 });
    const list = await listVersions(world.parts, world.reader, { connectorId, before: null, limit: 2 });
    expect(list?.inForce?.number).toBe(3);
    expect(list?.versions.map(({ number, status }) => `${number} ${status}`)).toEqual(['3 in_force', '2 superseded']);
    const rest = await listVersions(world.parts, world.reader, { connectorId, before: list?.next ?? 0, limit: 2 });
    expect(rest?.versions.map(({ number }) => number)).toEqual([1]);
    expect(rest?.next).toBeNull();
    expect(await listVersions(world.parts, first.grace, { connectorId, before: null, limit: 2 })).toBeNull();
  });
});

describe('one number', () => {
  const map = (number: string, mailbox: string, more: { from?: Date | null; reason?: string } = {}) =>
    mapNumber(world.parts, world.henry, { connectorId, number, mailbox, reason: 'a new phone', ...more });

  it('is mapped in the portal by a version with one row more, in force at once', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    world.enqueued.length = 0;
    const mapped = await map('(212) 555-0002', 'Ben@company.example');
    if (mapped.kind !== 'applied') throw new Error(mapped.kind);
    expect(await world.rowsOf(mapped.versionId)).toEqual(['01 ann file 2 of 1', '02 ben portal 2']);
    expect(await find(mapped.versionId)).toMatchObject({
      origin: 'portal',
      mode: 'add',
      status: 'in_force',
      createdBy: 'Henry',
      appliedBy: 'Henry',
      reason: 'a new phone',
      fileName: null,
    });
    expect(world.enqueued).toEqual([`release ${connectorId}`]);
    expect(await world.audited('mapping.number-mapped')).toEqual([
      { version: 2, number: B, before: [], mailbox: 'ben@company.example', from: null, reason: 'a new phone' },
    ]);
    expect(await map(B, 'ben@company.example')).toEqual({ kind: 'unchanged' });
    expect(await map(B, 'other@company.example')).toMatchObject({ kind: 'applied', number: 3 });
  });

  it('is the first row where nothing is in force', async () => {
    expect(await map(A, 'ann@company.example')).toMatchObject({ kind: 'applied', number: 1 });
  });

  it('that has mailboxes for limited times asks since when', async () => {
    await world.putInForce(file(`${A},ann@company.example,,2026-03-31`));
    expect(await map(A, 'ben@company.example')).toEqual({ kind: 'asks_from' });
    const mapped = await map(A, 'ben@company.example', { from: new Date('2026-03-01T00:00:00Z') });
    if (mapped.kind !== 'applied') throw new Error(mapped.kind);
    expect(await world.rowsOf(mapped.versionId)).toEqual(['01 ann ..03-01 file 2 of 1', '01 ben 03-01.. portal 2']);
    const all = await map(A, 'cleo@company.example', { from: null });
    if (all.kind !== 'applied') throw new Error(all.kind);
    expect(await world.rowsOf(all.versionId)).toEqual(['01 cleo portal 2']);
  });

  it('is refused where it cannot be read, and by nobody without the permission', async () => {
    expect(await map('12', 'ben@company.example')).toMatchObject({ kind: 'bad_number' });
    expect(await map(A, 'ben')).toEqual({ kind: 'bad_mailbox', problem: 'not_an_address' });
    expect(await map(A, 'ben@elsewhere.example')).toEqual({ kind: 'bad_mailbox', problem: 'other_domain' });
    expect(await map(A, 'ben@company.example', { reason: '' })).toEqual({ kind: 'bad_reason' });
    const input = { connectorId, number: A, mailbox: 'ben@company.example', reason: 'a new phone' };
    await expect(mapNumber(world.parts, world.reader, input)).rejects.toThrow(NotAllowed);
    expect(await mapNumber(world.parts, first.grace, input)).toEqual({ kind: 'not_found' });
    expect(await world.inForce()).toBeNull();
  });
});
