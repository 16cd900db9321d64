/** Files become proposed versions: in place of everything, or beside what is there, with what was added in the portal. */
import { describe, expect, it } from 'vitest';
import { NotAllowed } from '#lib/security/actor.ts';
import { findVersion, mapNumber, proposeAgain } from './use-cases.ts';
import { file, numberOf, type World, worldForEach } from './world.fixture.ts';

const [A, B, C, D] = [1, 2, 3, 4].map(numberOf) as [string, string, string, string];

let first: World;
let world: World;
worldForEach((fresh, shared) => {
  world = fresh;
  first = shared;
});

async function proposed(...of: Parameters<World['propose']>): Promise<string> {
  const result = await world.propose(...of);
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}
const map = (number: string, mailbox: string, from?: Date | null) =>
  mapNumber(world.parts, world.grace, {
    connectorId: world.connector.id,
    number,
    mailbox,
    reason: 'a new phone',
    ...(from === undefined ? {} : { from }),
  });

describe('a file in place of the mapping', () => {
  it('is proposed with all that is known of it, and changes nothing', async () => {
    const before = await world.putInForce(file(`${A},ann@company.example`));
    const versionId = await proposed(file(`${B},ben@company.example`), { fileName: 'new.csv' });
    expect(await world.inForce()).toBe(before);
    expect(await world.rowsOf(versionId)).toEqual(['02 ben file 2']);
    const found = await findVersion(world.parts, world.henry, { connectorId: world.connector.id, versionId });
    expect(found).toMatchObject({
      number: 2,
      status: 'proposed',
      mode: 'replace',
      basedOn: 1,
      fileName: 'new.csv',
      rowCount: 1,
      createdBy: 'Grace',
      createdByMe: false,
      portalRows: null,
    });
    expect(found?.fileSha256).toMatch(/^[0-9a-f]{64}$/);
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(await world.audited('mapping.proposed')).toEqual([
      { version: 1, file: 'mapping.csv', sha256, mode: 'replace', rows: 1, leftOut: 0, portalRows: null },
      { version: 2, file: 'new.csv', sha256, mode: 'replace', rows: 1, leftOut: 0, portalRows: null },
    ]);
  });

  it('is not stored with errors, but without its erroneous rows where somebody says so, which is written down', async () => {
    const text = file(`${A},ann@company.example`, '4.45204E+11,ben@company.example');
    expect(await world.propose(text)).toMatchObject({ kind: 'erroneous', rowCount: 1, erroneousRowCount: 1 });
    expect(await world.audited('mapping.proposed')).toEqual([]);
    const versionId = await proposed(text, { leaveOut: 1 });
    expect(await world.rowsOf(versionId)).toEqual(['01 ann file 2']);
    expect(await world.audited('mapping.proposed')).toMatchObject([{ rows: 1, leftOut: 1 }]);
  });

  it('is not stored without other rows than were shown: a page that did not know the domains saw fewer errors', async () => {
    const rows = [`${A},ann@company.example`, `${B},ben@cornpany.example`, `${C},nobody`];
    const shown = { leaveOut: 1, mode: 'replace' } as const;
    expect(await world.propose(file(...rows), shown)).toMatchObject({
      kind: 'erroneous',
      rowCount: 1,
      erroneousRowCount: 2,
      firstErrors: [{ row: 3, problem: 'mailbox_look_alike_domain' }, { row: 4 }],
    });
    expect(await world.audited('mapping.proposed')).toEqual([]);
    await proposed(file(...rows), { ...shown, leaveOut: 2 });
    expect(await world.audited('mapping.proposed')).toMatchObject([{ rows: 1, leftOut: 2 }]);
  });

  it('with an address of another domain than the organization’s has an error there', async () => {
    expect(await world.propose(file(`${A},ann@cornpany.example`))).toMatchObject({
      kind: 'erroneous',
      firstErrors: [{ row: 2, column: 'mailbox', value: 'ann@cornpany.example' }],
    });
  });

  it('asks about rows that were added in the portal and are not in it, and does what was said', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    expect(await map(B, 'ben@company.example')).toMatchObject({ kind: 'applied', number: 2 });
    expect(await map(C, 'cleo@company.example')).toMatchObject({ kind: 'applied', number: 3 });
    const text = file(`${A},ann@company.example`, `${C},new@company.example`);
    expect(await world.propose(text)).toEqual({ kind: 'asks_portal_rows', count: 1 });
    expect(await world.rowsOf(await proposed(text, { portalRows: 'keep' }))).toEqual([
      '01 ann file 2',
      '02 ben portal 2 of 2',
      '03 new file 3',
    ]);
    const removing = await proposed(text, { portalRows: 'remove' });
    expect(await world.rowsOf(removing)).toEqual(['01 ann file 2', '03 new file 3']);
    const found = { connectorId: world.connector.id, versionId: removing };
    expect(await findVersion(world.parts, world.grace, found)).toMatchObject({ portalRows: 'remove', rowCount: 2 });
    // What was proposed, and the question, left no trace in the numbers.
    expect(await world.audited('mapping.proposed')).toHaveLength(3);
  });
});

it('whose sender goes away is not stored', async () => {
  const signal = AbortSignal.abort(new Error('gone'));
  await expect(world.propose(file(`${A},ann@company.example`), { signal })).rejects.toThrow('gone');
  expect(await world.audited('mapping.proposed')).toEqual([]);
});

describe('a file beside the mapping', () => {
  it('adds its rows, takes the place of those of the same number, and keeps where the others come from', async () => {
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`));
    await map(C, 'cleo@company.example');
    const versionId = await proposed(file(`${B},new@company.example`, `${D},dan@company.example`), { mode: 'add' });
    expect(await world.rowsOf(versionId)).toEqual([
      '01 ann file 2 of 1',
      '02 new file 2',
      '03 cleo portal 2 of 2',
      '04 dan file 3',
    ]);
    const found = { connectorId: world.connector.id, versionId };
    expect(await findVersion(world.parts, world.grace, found)).toMatchObject({ mode: 'add', basedOn: 2, rowCount: 4 });
  });

  it('decides for the time of which it speaks, and for no other', async () => {
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example,2026-01-01,2026-06-30`));
    const changes = file(`${A},new@company.example,2026-04-01`, `${B},new@company.example,2026-03-01,2026-03-31`);
    expect(await world.rowsOf(await proposed(changes, { mode: 'add' }))).toEqual([
      '01 ann ..04-01 file 2 of 1',
      '01 new 04-01.. file 2',
      '02 ben 01-01..03-01 file 3 of 1',
      '02 new 03-01..04-01 file 3',
      '02 ben 04-01..07-01 file 3 of 1',
    ]);
  });

  it('is all there is where nothing is in force', async () => {
    const versionId = await proposed(file(`${A},ann@company.example`), { mode: 'add' });
    expect(await world.rowsOf(versionId)).toEqual(['01 ann file 2']);
  });

  it('that would give a number more periods than a file may have is not stored', async () => {
    const days = (from: number, count: number, mailbox: string) =>
      Array.from({ length: count }, (_, day) => {
        const date = new Date(Date.UTC(2026, 0, from + day * 2)).toISOString().slice(0, 10);
        return `${A},${mailbox}@company.example,${date},${date}`;
      });
    await world.putInForce(file(...days(1, 60, 'ann')));
    expect(await world.propose(file(...days(2, 60, 'ben')), { mode: 'add' })).toMatchObject({
      kind: 'erroneous',
      firstErrors: [{ value: A, problem: 'too_many_periods' }],
    });
  });
});

describe('a proposal that was made on what is no longer in force', () => {
  it('is made anew with the same rows of the same file, and stays its author’s', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    const before = await proposed(file(`${C},cleo@company.example`), { mode: 'add' });
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`));
    const again = await proposeAgain(world.parts, world.henry, {
      connectorId: world.connector.id,
      versionId: before,
      portalRows: null,
    });
    if (again.kind !== 'proposed') throw new Error(again.kind);
    expect(await world.rowsOf(again.versionId)).toEqual(['01 ann file 2 of 3', '02 ben file 3 of 3', '03 cleo file 2']);
    const found = (versionId: string) =>
      findVersion(world.parts, world.henry, { connectorId: world.connector.id, versionId });
    expect(await found(before)).toMatchObject({ status: 'discarded', discardedBy: 'Henry' });
    expect(await found(again.versionId)).toMatchObject({
      number: 4,
      basedOn: 3,
      mode: 'add',
      createdBy: 'Grace',
      createdByMe: false,
      fileSha256: (await found(before))?.fileSha256,
    });
  });

  it('asks about rows that were added in the portal meanwhile', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    const before = await proposed(file(`${A},new@company.example`));
    await map(B, 'ben@company.example');
    const input = { connectorId: world.connector.id, versionId: before } as const;
    expect(await proposeAgain(world.parts, world.grace, { ...input, portalRows: null })).toEqual({
      kind: 'asks_portal_rows',
      count: 1,
    });
    // Nothing happened to it while the question is open.
    expect(await findVersion(world.parts, world.grace, input)).toMatchObject({ status: 'proposed' });
    const again = await proposeAgain(world.parts, world.grace, { ...input, portalRows: 'keep' });
    if (again.kind !== 'proposed') throw new Error(again.kind);
    expect(await world.rowsOf(again.versionId)).toEqual(['01 new file 2', '02 ben portal 2 of 3']);
  });
});

describe('nobody proposes', () => {
  it('without the permission, nor for another organization’s connector', async () => {
    const text = file(`${A},ann@company.example`);
    await expect(world.propose(text, {}, world.reader)).rejects.toThrow(NotAllowed);
    expect(await world.propose(text, {}, first.grace)).toEqual({ kind: 'not_found' });
    expect(await world.propose(text, { connectorId: first.connector.id })).toEqual({ kind: 'not_found' });
  });
});

describe('what a version is', () => {
  it('does not change once its rows are counted: PostgreSQL refuses it', async () => {
    const versionId = await world.putInForce(file(`${A},ann@company.example`));
    const { pool } = world.database;
    const set = (change: string) => pool.query(`${change} WHERE version_id = $1`, [versionId]);
    await expect(set(`UPDATE mapping_row SET mailbox = 'eve@company.example'`)).rejects.toThrow('append-only');
    await expect(set('DELETE FROM mapping_row')).rejects.toThrow('do not change');
    await expect(
      pool.query(
        `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 3, 'e@x.y')`,
        [versionId, world.organizationId, B],
      ),
    ).rejects.toThrow('do not change');
    for (const fact of ['row_count = 2', `created_by = 'Eve'`, `file_sha256 = NULL`, 'number = 7'])
      await expect(pool.query(`UPDATE mapping_version SET ${fact} WHERE id = $1`, [versionId])).rejects.toThrow(
        'does not change',
      );
  });
});
