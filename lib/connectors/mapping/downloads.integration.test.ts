/** Files to save: they open in a spreadsheet without running a formula, and a version can be uploaded again unchanged. */
import { buffer } from 'node:stream/consumers';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { NotAllowed } from '#lib/security/actor.ts';
import { errorsCsv, versionCsv, versionDifference } from './use-cases.ts';
import { file, HEADER, numberOf, type World, worldForEach } from './world.fixture.ts';

const [A, B] = [1, 2].map(numberOf) as [string, string];

let first: World;
let world: World;
worldForEach((fresh, shared) => {
  world = fresh;
  first = shared;
});

async function textOf(download: Awaited<ReturnType<typeof versionCsv | typeof errorsCsv>>): Promise<string> {
  if (download.kind !== 'file') throw new Error(JSON.stringify(download));
  return (await buffer(download.body)).toString();
}
const version = (versionId: string, actor = world.grace) =>
  versionCsv(world.parts, actor, { connectorId: world.connector.id, versionId });
const errors = (text: string | Uint8Array, actor = world.grace) => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return errorsCsv(world.parts, actor, { connectorId: world.connector.id, bytes });
};
/** As a spreadsheet sees it, by another reader than ours. */
const cellsOf = (text: string): string[][] =>
  Papa.parse<string[]>(text.replace(/^\uFEFF/, '').trimEnd(), { delimiter: ',' }).data;
const beginsAFormula = (cell: string): boolean => /^[=+\-@\t\r]/.test(cell);

describe('a version', () => {
  it('is a file that no spreadsheet calculates, and says the same when it is uploaded again', async () => {
    const text = file(
      `${A},ann@company.example,,2026-03-31`,
      `${A},'+ben@company.example,2026-04-01`,
      `${B},-cleo+x@company.example`,
      ...Array.from(
        { length: 6000 },
        (_, index) => `+1213555${String(index).padStart(4, '0')},u${index}@company.example`,
      ),
    );
    const versionId = await world.putInForce(text);
    const download = await version(versionId);
    expect(download).toMatchObject({ fileName: 'mapping-version-1.csv' });
    const saved = await textOf(download);
    const cells = cellsOf(saved);
    expect(cells[0]).toEqual(['ExternalUserId', 'O365UserMailbox', 'ValidFrom', 'ValidTo']);
    expect(cells).toHaveLength(6004);
    expect(cells.flat().filter(beginsAFormula)).toEqual([]);
    const again = await world.propose(saved);
    if (again.kind !== 'proposed') throw new Error(JSON.stringify(again));
    const input = { connectorId: world.connector.id, versionId: again.versionId };
    expect(await versionDifference(world.parts, world.grace, input)).toMatchObject({
      counts: { added: 0, changed: 0, removed: 0, unchanged: 6003 },
    });
    expect(await textOf(await version(again.versionId))).toBe(saved);
  });

  it('of rows that are always valid has no columns for it', async () => {
    const versionId = await world.putInForce(file(`${A},ann@company.example`));
    expect(await textOf(await version(versionId))).toBe(
      `ExternalUserId,O365UserMailbox\r\n'${A},ann@company.example\r\n`,
    );
  });

  it('is given to nobody who may not map, nor in another organization', async () => {
    const versionId = await world.putInForce(file(`${A},ann@company.example`));
    await expect(version(versionId, world.reader)).rejects.toThrow(NotAllowed);
    expect(await version(versionId, first.grace)).toEqual({ kind: 'not_found' });
  });
});

describe('the errors of a file', () => {
  it('are all in a list, whatever the cells hold, and nothing is stored', async () => {
    const bad = Array.from({ length: 5000 }, (_, index) => `=SUM(A${index}),"@x, ""y"""`);
    const text = await textOf(await errors(file(`${A},ann@company.example`, ...bad, 'Zoë,ann@company.example')));
    expect(text.startsWith('\uFEFFRow,Column,Value,Reason\r\n')).toBe(true);
    const cells = cellsOf(text);
    expect(new Set(cells.slice(1).map(([row]) => row)).size).toBe(5001);
    expect(cells.flat().filter(beginsAFormula)).toEqual([]);
    expect(cells.at(-1)).toEqual(['5003', 'ExternalUserId', 'Zoë', '“Zoë” is not a phone number.']);
    const { rows } = await world.database.pool.query('SELECT 1 FROM mapping_version WHERE connector_id = $1', [
      world.connector.id,
    ]);
    expect(rows).toEqual([]);
  });

  it('of a file without any are a list with no line', async () => {
    expect(cellsOf(await textOf(await errors(file(`${A},ann@company.example`))))).toHaveLength(1);
  });

  it('of a file that cannot be read are a refusal; where that shows late, the last line', async () => {
    expect(await errors('Phone,Name\n1,2\n')).toMatchObject({
      kind: 'refused',
      refusal: { problem: 'missing_column' },
    });
    const filler = Array.from({ length: 2000 }, (_, index) => `bad,u${index}@company.example,,`).join('\n');
    const cells = cellsOf(await textOf(await errors(`${HEADER}${filler}\n${A},"ann@company.example\nand on and on`)));
    expect(cells.length).toBeGreaterThan(1000);
    expect(cells.at(-1)?.[3]).toContain('2002');
  });

  it('end with the browser that goes away', async () => {
    const bad = Array.from({ length: 50_000 }, (_, index) => `bad${index},x`);
    const download = await errors(file(...bad));
    if (download.kind !== 'file') throw new Error(download.kind);
    for await (const _piece of download.body) break;
    expect(download.body.destroyed).toBe(true);
  });

  it('are given to nobody who may not map, nor for another organization’s connector', async () => {
    await expect(errors('x', world.reader)).rejects.toThrow(NotAllowed);
    expect(await errors('x', first.grace)).toEqual({ kind: 'not_found' });
  });
});
