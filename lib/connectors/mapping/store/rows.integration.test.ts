/**
 * Versions that rest on others say what they would if every row were copied: additions upon additions and versions that
 * come back, held against a mapping that is made moment by moment.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inTransaction } from '#lib/db.ts';
import { mappingLookup } from '#lib/mapping/lookup.ts';
import { isMailboxAddress } from '#lib/mapping/mailbox-address.ts';
import { isE164 } from '#lib/mapping/number.ts';
import { insertRows, rowsFor, rowsOf } from '#lib/mapping/store/rows.ts';
import { countRows, insertVersion } from '#lib/mapping/store/versions.ts';
import { testSeed } from '#testing/seed.ts';
import { mappingWorld, numberOf, type World } from '../world.fixture.ts';
import { takeOverAll, takeOverBeside } from './rows.ts';
import { describeProposal, restsOf } from './versions.ts';

const NUMBERS = 5;
const DAYS = 6;

let world: World;
beforeAll(async () => {
  world = await mappingWorld();
});
afterAll(() => world.close());

/** A row of a file: a number from one day to another, where null is open. */
interface Line {
  readonly number: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly mailbox: string;
}
const edge = fc.option(fc.integer({ min: 1, max: DAYS - 1 }), { freq: 1 });
const line = fc
  .record({
    number: fc.nat({ max: NUMBERS - 1 }),
    from: edge,
    to: edge,
    mailbox: fc.constantFrom('a@company.example', 'b@company.example', 'c@company.example'),
  })
  .filter(({ from, to }) => from === null || to === null || from < to);
const overlaps = (a: Line, b: Line): boolean =>
  a.number === b.number && (a.from ?? 0) < (b.to ?? DAYS) && (b.from ?? 0) < (a.to ?? DAYS);
/** As a file may have them: rows of one number never overlap. */
const file = fc
  .array(line, { minLength: 1, maxLength: 6 })
  .map((lines) => lines.filter((one, index) => !lines.slice(0, index).some((before) => overlaps(one, before))));
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('add' as const), lines: file, most: fc.constantFrom(0, 3, 100) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const), version: fc.nat({ max: 10 }) }) },
);

/** The mailbox of each number on each day. */
type Mapping = readonly (readonly (string | null)[])[];
const NOBODY: Mapping = Array.from({ length: NUMBERS }, () => Array.from({ length: DAYS }, () => null));
const added = (before: Mapping, lines: readonly Line[]): Mapping =>
  before.map((days, number) =>
    days.map(
      (mailbox, day) =>
        lines.find((one) => one.number === number && (one.from ?? 0) <= day && day < (one.to ?? DAYS))?.mailbox ??
        mailbox,
    ),
  );

const dayOf = (day: number): Date => new Date(Date.UTC(2026, 0, 1 + day));
const e164 = (index: number) => {
  const number = numberOf(index);
  if (!isE164(number)) throw new RangeError(number);
  return number;
};
const rowsOfFile = (lines: readonly Line[]) =>
  lines.map(({ number, from, to, mailbox }, index) => {
    if (!isMailboxAddress(mailbox)) throw new RangeError(mailbox);
    const validity = { from: from === null ? null : dayOf(from), to: to === null ? null : dayOf(to) };
    return { row: index + 2, number: e164(number), mailbox, validity };
  });

interface Written {
  readonly id: string;
  readonly restId: string | null;
  readonly rowCount: number;
  readonly says: Mapping;
}

async function write(before: Written | null, lines: readonly Line[], most: number): Promise<Written> {
  const id = randomUUID();
  const { organizationId, connector } = world;
  const version = { id, organizationId, connectorId: connector.id, origin: 'file', createdBy: 'x' } as const;
  return inTransaction(world.database.pool, async (client) => {
    await insertVersion(client, { ...version, fileName: null, fileSha256: null, reason: null });
    await insertRows(client, version, rowsOfFile(lines));
    const whose = { organizationId, versionId: id };
    const { rowCount, restId } =
      before === null ? { rowCount: lines.length, restId: null } : await takeOverBeside(client, whose, before, most);
    const facts = { mode: 'add', portalRows: null, baseVersionId: before?.id ?? null, createdById: null } as const;
    await describeProposal(client, version, { ...facts, restId });
    await countRows(client, version, rowCount, 0);
    return { id, restId, rowCount, says: added(before?.says ?? NOBODY, lines) };
  });
}

async function restore(of: Written): Promise<Written> {
  const id = randomUUID();
  const { organizationId, connector } = world;
  const version = { id, organizationId, connectorId: connector.id, origin: 'file', createdBy: 'x' } as const;
  return inTransaction(world.database.pool, async (client) => {
    await insertVersion(client, { ...version, fileName: null, fileSha256: null, reason: null });
    const restId = await takeOverAll(client, { organizationId, versionId: id }, of);
    const facts = { mode: 'restore', portalRows: null, baseVersionId: of.id, createdById: null } as const;
    await describeProposal(client, version, { ...facts, restId });
    await countRows(client, version, of.rowCount, 0);
    return { ...of, id, restId };
  });
}

async function check({ id, restId, rowCount, says }: Written): Promise<void> {
  const { pool } = world.database;
  const all = await rowsOf(pool, world.organizationId, id, null, 1000);
  expect(all).toHaveLength(rowCount);
  const some = await rowsFor(pool, world.organizationId, id, [e164(0), e164(3)]);
  const lookups = [
    { of: mappingLookup(id, all), numbers: [0, 1, 2, 3, 4] },
    { of: mappingLookup(id, some), numbers: [0, 3] },
  ];
  for (const { of, numbers } of lookups) {
    for (const number of numbers)
      for (let day = 0; day < DAYS; day++)
        expect([number, day, of(e164(number), dayOf(day))?.mailbox ?? null]).toEqual([
          number,
          day,
          says[number]?.[day],
        ]);
  }
  // What is rested on has all of its rows itself: nobody ever looks further than once.
  expect(await restsOf(pool, world.organizationId, [restId])).toEqual([null]);
}

it('whatever is added and brought back, in whichever order', async () => {
  await fc.assert(
    fc.asyncProperty(file, fc.array(step, { maxLength: 8 }), async (first, steps) => {
      const written = [await write(null, first, 0)];
      for (const one of steps) {
        const last = written.at(-1);
        const chosen = one.kind === 'restore' ? written[one.version % written.length] : last;
        if (chosen === undefined) throw new RangeError('nothing was written');
        written.push(one.kind === 'restore' ? await restore(chosen) : await write(chosen, one.lines, one.most));
      }
      // Also those that came before: nothing that follows changes them.
      for (const version of written) await check(version);
    }),
    { numRuns: 40, seed: testSeed() | 0 },
  );
});
