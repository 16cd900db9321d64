/** What was discarded keeps its facts for ever, and its rows for some time. */
import { expect, it } from 'vitest';
import { resumeDeletion, suspendDeletion } from '../../retention/suspend.ts';
import { clearDiscardedRows } from './clear-rows.ts';
import {
  differenceRows,
  discardProposal,
  findVersion,
  listVersions,
  restoreVersion,
  versionCsv,
  versionDifference,
} from './use-cases.ts';
import { file, numberOf, type World, worldForEach } from './world.fixture.ts';

const [A, B] = [1, 2].map(numberOf) as [string, string];
const never = new AbortController().signal;

let first: World;
let world: World;
let connectorId: string;
worldForEach(async (fresh, shared) => {
  world = fresh;
  first = shared;
  connectorId = world.connector.id;
});

async function proposed(text: string): Promise<string> {
  const result = await world.propose(text);
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}

async function discarded(text: string): Promise<string> {
  const versionId = await proposed(text);
  await discardProposal(world.parts, world.grace, { connectorId, versionId });
  return versionId;
}

const clear = (days?: number) => clearDiscardedRows(world.database.pool, world.organizationId, never, days);
const find = (versionId: string) => findVersion(world.parts, world.reader, { connectorId, versionId });

it('rows of what was discarded go when its time is over; of what is or was in force, or is proposed, none does', async () => {
  const superseded = await world.putInForce(file(`${A},ann@company.example`));
  const inForce = await world.putInForce(file(`${A},ben@company.example`));
  const open = await proposed(file(`${A},cleo@company.example`));
  const ended = await discarded(file(`${A},dan@company.example`, `${B},dan@company.example`));
  expect(await clear()).toBe(0);
  expect((await find(ended))?.rowsClearedAt).toBeNull();

  // Somebody else's are theirs to remove.
  expect(await clearDiscardedRows(world.database.pool, first.organizationId, never, 0)).toBe(0);
  expect(await clear(0)).toBe(2);
  expect(await clear(0)).toBe(0);
  expect(await world.rowsOf(ended)).toEqual([]);
  for (const kept of [superseded, inForce, open]) expect(await world.rowsOf(kept)).toHaveLength(1);
  expect(await find(ended)).toMatchObject({ status: 'discarded', rowCount: 2, discardedBy: 'Grace' });
  expect((await find(ended))?.rowsClearedAt).toBeInstanceOf(Date);
});

it('a version without its rows is not compared, downloaded or brought back as if it had none', async () => {
  const inForce = await world.putInForce(file(`${A},ann@company.example`));
  const ended = await discarded(file(`${A},dan@company.example`));
  await clear(0);
  const input = { connectorId, versionId: ended };
  expect(await versionDifference(world.parts, world.grace, input)).toEqual({ kind: 'not_found' });
  expect(
    await versionDifference(world.parts, world.grace, { connectorId, versionId: inForce, against: ended }),
  ).toEqual({
    kind: 'not_found',
  });
  const page = { ...input, kind: 'added', after: null, limit: 1 } as const;
  expect(await differenceRows(world.parts, world.grace, page)).toBeNull();
  expect(await versionCsv(world.parts, world.grace, input)).toEqual({ kind: 'not_found' });
  expect(await restoreVersion(world.parts, world.grace, input)).toEqual({ kind: 'cleared' });
  const list = await listVersions(world.parts, world.reader, { connectorId, before: null, limit: 5 });
  expect(list?.versions.map(({ rowsClearedAt }) => rowsClearedAt === null)).toEqual([false, true]);
});

it('rows on which another version rests stay as long as that one has its own', async () => {
  await world.putInForce(file(`${A},ann@company.example`));
  const ended = await discarded(file(`${A},dan@company.example`, `${B},dan@company.example`));
  const again = await restoreVersion(world.parts, world.grace, { connectorId, versionId: ended });
  if (again.kind !== 'proposed') throw new Error(again.kind);
  expect(await clear(0)).toBe(0);
  expect(await world.rowsOf(again.versionId)).toHaveLength(2);
  await discardProposal(world.parts, world.grace, { connectorId, versionId: again.versionId });
  expect(await clear(0)).toBe(2);
});

it('PostgreSQL refuses it of any other version, and brings none of them back', async () => {
  const { pool } = world.database;
  const superseded = await world.putInForce(file(`${A},ann@company.example`));
  const inForce = await world.putInForce(file(`${A},ben@company.example`));
  const open = await proposed(file(`${A},cleo@company.example`));
  const mark = (id: string) => pool.query('UPDATE mapping_version SET rows_cleared_at = now() WHERE id = $1', [id]);
  const remove = (id: string) => pool.query('DELETE FROM mapping_row WHERE version_id = $1', [id]);
  for (const id of [superseded, inForce, open]) {
    await expect(mark(id)).rejects.toThrow('mapping_version_rows_cleared');
    await expect(remove(id)).rejects.toThrow('do not change');
  }
  const ended = await discarded(file(`${A},dan@company.example`));
  await expect(remove(ended)).rejects.toThrow('do not change');
  const again = await restoreVersion(world.parts, world.grace, { connectorId, versionId: ended });
  if (again.kind !== 'proposed') throw new Error(again.kind);
  await expect(mark(ended)).rejects.toThrow('rests on these rows');
  await discardProposal(world.parts, world.grace, { connectorId, versionId: again.versionId });
  await clear(0);
  await expect(pool.query('UPDATE mapping_version SET rows_cleared_at = NULL WHERE id = $1', [ended])).rejects.toThrow(
    'do not come back',
  );
});

it('nothing goes while deletion is suspended', async () => {
  const ended = await discarded(file(`${A},dan@company.example`));
  const { pool } = world.database;
  await suspendDeletion(pool, world.organizationId, 'Case 2026-114');
  expect(await clear(0)).toBe(0);
  expect(await world.rowsOf(ended)).toHaveLength(1);
  await resumeDeletion(pool, world.organizationId, 'Case closed');
  expect(await clear(0)).toBe(1);
});
