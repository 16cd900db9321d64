/** Proposing another rule: what is refused, who is asked, who was quicker, and what it costs. */
import { describe, expect, it } from 'vitest';
import {
  applyVersion,
  changeRule,
  proposeAgain,
  requestApproval,
  restoreVersion,
  versionDifference,
} from './use-cases.ts';
import { file, numberOf, register, type World, worldForEach } from './world.fixture.ts';

let world: World;
worldForEach((one) => {
  world = one;
});

const ON = { automatic: true, defaultRegion: 'US' } as const;
const OFF = { automatic: false, defaultRegion: 'US' } as const;

const change = (to: { automatic: boolean; defaultRegion: string }, seen: typeof to = ON, actor = world.grace) =>
  changeRule(world.parts, actor, { connectorId: world.connector.id, ...to, seen });

async function proposed(...asked: Parameters<typeof change>): Promise<string> {
  const result = await change(...asked);
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}

async function apply(versionId: string, more: { base?: string | null; confirmation?: string | null } = {}) {
  const base = more.base === undefined ? await world.inForce() : more.base;
  const input = { connectorId: world.connector.id, versionId, base, reason: 'as a test wants it' };
  return applyVersion(world.parts, world.grace, { ...input, confirmation: null, shiftedConfirmation: null, ...more });
}

const difference = async (versionId: string) => {
  const result = await versionDifference(world.parts, world.grace, { connectorId: world.connector.id, versionId });
  if (result.kind !== 'difference') throw new Error(result.kind);
  return result;
};

async function ruleNow() {
  const { rows } = await world.database.pool.query(
    'SELECT automatic_mapping AS automatic, default_region AS "defaultRegion" FROM connector WHERE id = $1',
    [world.connector.id],
  );
  return rows[0];
}

/** So many people with an address each. */
const registerPeople = (count: number) =>
  register(
    world,
    Object.fromEntries(
      Array.from({ length: count }, (_none, index) => [numberOf(index), `user${index}@company.example`]),
    ),
  );

it('is protected', async () => {
  await expect(change(OFF, ON, world.reader)).rejects.toThrow('mapping.manage');
  const stranger = { ...world.grace, organizationId: '00000000-0000-4000-8000-000000000001' };
  expect(await change(OFF, ON, stranger)).toEqual({ kind: 'not_found' });
  expect(await change({ ...ON, defaultRegion: 'XX' })).toEqual({ kind: 'unknown_region' });
  expect(await change(ON)).toEqual({ kind: 'unchanged' });
});

it('refuses a rule by which nothing could be imported', async () => {
  expect(await change(OFF)).toEqual({ kind: 'nothing_on' });
  await world.putInForce(file('+12125550001,anna@company.example'));
  const versionId = await proposed(OFF);
  // Neither does the database take it from whoever forgets to ask.
  await expect(
    world.database.pool.query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by, automatic_mapping, default_region)
       SELECT gen_random_uuid(), organization_id, id, 90, 'in_force', 'portal', 'x', false, 'US' FROM connector WHERE id = $1`,
      [world.connector.id],
    ),
  ).rejects.toThrow('mapping_version_names_somebody');
  expect(await apply(versionId)).toMatchObject({ kind: 'applied' });
});

it('proposes first: nothing changes before it is applied, and then rows stay and the log says what was before', async () => {
  const base = await world.putInForce(file('+12125550001,anna@company.example', '+12125550002,bo@company.example'));
  const versionId = await proposed({ automatic: false, defaultRegion: 'GB' });
  expect(await ruleNow()).toEqual(ON);
  expect(await world.inForce()).toBe(base);
  expect(await apply(versionId)).toEqual({ kind: 'applied', number: 2 });
  expect(await ruleNow()).toEqual({ automatic: false, defaultRegion: 'GB' });
  expect(await world.rowsOf(versionId)).toEqual(['01 anna file 2 of 1', '02 bo file 3 of 1']);
  const rule = { automaticBefore: true, automatic: false, regionBefore: 'US', defaultRegion: 'GB' };
  expect(await world.audited('mapping.proposed')).toMatchObject([{}, { version: 2, mode: 'rule', rows: 2, ...rule }]);
  expect(await world.audited('mapping.applied')).toMatchObject([
    {},
    { version: 2, before: 1, reason: 'as a test wants it', ...rule },
  ]);
  expect(world.enqueued).toContain(`release ${world.connector.id}`);
});

it('copies no row, however many there are', async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_none, at) => `+1212555${String(at).padStart(4, '0')},a@company.example`,
  );
  await world.putInForce(file(...rows.slice(0, 9_000)));
  const versionId = await proposed(OFF);
  const { rows: own } = await world.database.pool.query<{ own: number; all: number }>(
    `SELECT (SELECT count(*)::int FROM mapping_row WHERE version_id = $1) AS own, row_count AS all
     FROM mapping_version WHERE id = $1`,
    [versionId],
  );
  expect(own).toEqual([{ own: 0, all: 9_000 }]);
});

describe('guards', () => {
  it('ask for the phrase where many people lose their mailbox', async () => {
    await registerPeople(20);
    await world.putInForce(file(`${numberOf(0)},user0@company.example`));
    const versionId = await proposed(OFF);
    expect(await difference(versionId)).toMatchObject({
      guards: ['typed_confirmation'],
      counts: { changed: 0, removed: 0, unchanged: 1 },
      rule: { changes: ['automatic'], moved: { added: 0, changed: 0, removed: 19, before: 20 } },
    });
    expect(await apply(versionId)).toEqual({ kind: 'needs_confirmation', phrase: 'apply version 2' });
    expect(await apply(versionId, { confirmation: 'apply version 2' })).toMatchObject({ kind: 'applied' });
    const back = await proposed(ON, OFF);
    expect(await difference(back)).toMatchObject({ guards: [], rule: { moved: { added: 19, removed: 0, before: 1 } } });
    expect(await apply(back)).toMatchObject({ kind: 'applied' });
  });

  it('or for another administrator', async () => {
    await registerPeople(20);
    await world.putInForce(file(`${numberOf(0)},user0@company.example`));
    await world.database.pool.query('UPDATE organization SET mapping_approval = true WHERE id = $1', [
      world.organizationId,
    ]);
    const versionId = await proposed(OFF);
    expect(await apply(versionId, { confirmation: 'apply version 2' })).toEqual({ kind: 'needs_approval' });
    const input = { connectorId: world.connector.id, versionId, base: await world.inForce() };
    const asked = { ...input, reason: 'cleaning up', shiftedConfirmation: null };
    expect(await requestApproval(world.parts, world.grace, asked)).toEqual({ kind: 'requested' });
    const { approveVersion } = await import('./use-cases.ts');
    const answer = { ...input, shiftedConfirmation: null };
    expect(await approveVersion(world.parts, world.grace, answer)).toEqual({ kind: 'own_proposal' });
    expect(await approveVersion(world.parts, world.henry, answer)).toEqual({ kind: 'applied', number: 2 });
    expect(await ruleNow()).toEqual(OFF);
  });

  it('name the people of a region whose numbers become others', async () => {
    await register(world, { '020 7946 0123': 'nat@company.example', '+12125550001': 'anna@company.example' });
    await world.database.pool.query(`UPDATE source_user SET number = NULL WHERE mobile = '020 7946 0123'`);
    await world.putInForce(file('+442079460123,london@company.example'));
    const { rule } = await difference(await proposed({ automatic: true, defaultRegion: 'GB' }));
    expect(rule).toMatchObject({ moved: { changed: 1, removed: 0, added: 0, before: 2 } });
    expect(rule?.people).toEqual([
      {
        number: '+442079460123',
        name: 'User 23',
        oldMailbox: 'nat@company.example',
        newMailbox: 'london@company.example',
      },
    ]);
  });
});

describe('two at once', () => {
  it('who saw another rule than the one in force is told what is in force', async () => {
    await world.putInForce(file('+12125550001,anna@company.example'));
    expect(await apply(await proposed({ automatic: true, defaultRegion: 'GB' }))).toMatchObject({ kind: 'applied' });
    expect(await change(OFF, ON, world.henry)).toEqual({
      kind: 'changed_meanwhile',
      by: 'Grace',
      automaticMapping: true,
      defaultRegion: 'GB',
    });
  });

  it("a program's file between proposing and applying is named, and the change is made on it again", async () => {
    await world.putInForce(file('+12125550001,anna@company.example'));
    const base = await world.inForce();
    const versionId = await proposed(OFF);
    const uploaded = await world.putInForce(
      file('+12125550001,anna@company.example', '+12125550002,bo@company.example'),
      {
        origin: 'api',
      },
    );
    expect(await apply(versionId, { base })).toEqual({ kind: 'changed_meanwhile', by: 'Grace', number: 3 });
    expect(await difference(versionId)).toMatchObject({ stale: true });
    const { connector, parts, grace } = world;
    const again = await proposeAgain(parts, grace, { connectorId: connector.id, versionId, portalRows: null });
    if (again.kind !== 'proposed') throw new Error(again.kind);
    expect(await world.inForce()).toBe(uploaded);
    expect(await apply(again.versionId)).toEqual({ kind: 'applied', number: 4 });
    expect(await world.rowsOf(again.versionId)).toEqual(['01 anna file 2 of 3', '02 bo file 3 of 3']);
    expect(await ruleNow()).toEqual(OFF);
  });

  it('of two who each change one part, the second takes nothing back', async () => {
    await world.putInForce(file('+12125550001,anna@company.example'));
    const mine = await proposed(OFF);
    const theirs = await proposed({ automatic: true, defaultRegion: 'GB' }, ON, world.henry);
    expect(await apply(theirs)).toMatchObject({ kind: 'applied' });
    const { connector, parts, grace } = world;
    const again = await proposeAgain(parts, grace, { connectorId: connector.id, versionId: mine, portalRows: null });
    if (again.kind !== 'proposed') throw new Error(again.kind);
    expect(await apply(again.versionId)).toMatchObject({ kind: 'applied' });
    expect(await ruleNow()).toEqual({ automatic: false, defaultRegion: 'GB' });
  });

  it('a file that was read in the region of before has to be uploaded again', async () => {
    await world.putInForce(file('+12125550001,anna@company.example'));
    const proposal = await world.propose(file('(212) 555-0002,bo@company.example'));
    if (proposal.kind !== 'proposed') throw new Error(proposal.kind);
    await apply(await proposed({ automatic: true, defaultRegion: 'GB' }));
    const { connector, parts, grace } = world;
    const input = { connectorId: connector.id, versionId: proposal.versionId, portalRows: null };
    expect(await proposeAgain(parts, grace, input)).toEqual({ kind: 'read_in_other_region' });
  });
});

it('going back to a version brings back its rule', async () => {
  const first = await world.putInForce(file('+12125550001,anna@company.example'));
  await apply(await proposed(OFF));
  const { connector, parts, grace } = world;
  const restored = await restoreVersion(parts, grace, { connectorId: connector.id, versionId: first });
  if (restored.kind !== 'proposed') throw new Error(restored.kind);
  expect(await difference(restored.versionId)).toMatchObject({ rule: { changes: ['automatic'] } });
  expect(await apply(restored.versionId)).toMatchObject({ kind: 'applied' });
  expect(await ruleNow()).toEqual(ON);
});

it('a rule without a row is a version too, and stays as it is', async () => {
  const versionId = await proposed({ automatic: true, defaultRegion: 'GB' });
  expect(await apply(versionId)).toEqual({ kind: 'applied', number: 1 });
  const { pool } = world.database;
  await expect(
    pool.query(`UPDATE mapping_version SET default_region = 'FR' WHERE id = $1`, [versionId]),
  ).rejects.toThrow('what a finished mapping version is does not change');
  await expect(
    pool.query(
      `INSERT INTO mapping_row (version_id, organization_id, number, mailbox, row_number) VALUES ($1, $2, '+12125550001', 'a@b.example', 2)`,
      [versionId, world.organizationId],
    ),
  ).rejects.toThrow('the rows of a finished mapping version do not change');
});
