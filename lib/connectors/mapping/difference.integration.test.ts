/** What a version changes, held against a difference that is made number by number and moment by moment. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { NotAllowed } from '#lib/security/actor.ts';
import { testSeed } from '#testing/seed.ts';
import { seedConnector } from '../rows.fixture.ts';
import { KeptAnswers } from './kept-answers.ts';
import { countDifference } from './store/difference.ts';
import { readDifference } from './store/difference-rows.ts';
import { applyVersion, type DifferenceKind, differenceRows, forgetDifference, versionDifference } from './use-cases.ts';
import { file, mappingWorld, numberOf, register, type World, worldForEach } from './world.fixture.ts';

const [A, B, C, D, E] = [1, 2, 3, 4, 5].map(numberOf) as [string, string, string, string, string];

let first: World;
let world: World;
worldForEach((fresh, shared) => {
  world = fresh;
  first = shared;
});

async function proposed(text: string, more?: Parameters<World['propose']>[1]): Promise<string> {
  const result = await world.propose(text, more);
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}

async function difference(versionId: string, against?: string | null) {
  const input = { connectorId: world.connector.id, versionId, ...(against === undefined ? {} : { against }) };
  const result = await versionDifference(world.parts, world.grace, input);
  if (result.kind !== 'difference') throw new Error(result.kind);
  return result;
}

async function rows(versionId: string, kind: DifferenceKind, actor = world.grace): Promise<string[]> {
  const page = await differenceRows(world.parts, actor, {
    connectorId: world.connector.id,
    versionId,
    kind,
    after: null,
    limit: 100,
  });
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? '';
  const local = (address: string | null) => address?.split('@')[0] ?? 'nobody';
  return (page?.rows ?? []).map(
    (row) =>
      `${row.number} ${row.name ?? '?'}: ${local(row.oldMailbox)} → ${local(row.newMailbox)}` +
      (row.validFrom || row.validTo ? ` ${day(row.validFrom)}..${day(row.validTo)}` : ''),
  );
}

describe('the difference with what is in force', () => {
  it('says what is added, changed, removed and unchanged', async () => {
    await register(world, { [A]: null, [B]: null });
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`, `${C},cleo@company.example`));
    const versionId = await proposed(
      file(`${A},ann@company.example`, `${B},new@company.example`, `${D},dan@company.example`),
    );
    const found = await difference(versionId);
    expect(found.counts).toMatchObject({ added: 1, changed: 1, removed: 1, unchanged: 1 });
    expect([found.base?.number, found.baseInForce, found.stale]).toEqual([1, true, false]);
    expect(found.guards).toEqual(['typed_confirmation']);
    expect(await rows(versionId, 'added')).toEqual([`${D} ?: nobody → dan`]);
    expect(await rows(versionId, 'changed')).toEqual([`${B} User 02: ben → new`]);
    expect(await rows(versionId, 'removed')).toEqual([`${C} ?: cleo → nobody`]);
    expect(await rows(versionId, 'unchanged')).toEqual([`${A} User 01: ann → ann`]);
  });

  it('says from when, where a number changes hands on a date', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    const versionId = await proposed(
      file(`${A},ann@company.example,,2026-03-31`, `${A},ben@company.example,2026-04-01`),
    );
    expect(await rows(versionId, 'changed')).toEqual([`${A} ?: ann → ben 2026-04-01..`]);
    expect(await rows(versionId, 'unchanged')).toEqual([`${A} ?: ann → ann ..2026-04-01`]);
  });

  it('of any two versions, and of one with nothing', async () => {
    const one = await world.putInForce(file(`${A},ann@company.example`));
    const two = await world.putInForce(file(`${A},ben@company.example`));
    const backwards = await difference(one, two);
    expect(backwards.counts).toMatchObject({ changed: 1, added: 0 });
    expect([backwards.baseInForce, backwards.stale]).toEqual([true, false]);
    expect((await difference(two, one)).baseInForce).toBe(false);
    expect((await difference(two, null)).counts).toMatchObject({ added: 1, changed: 0 });
  });

  it('is not found in another organization, and masks numbers for those who see counts only', async () => {
    const versionId = await proposed(file(`${A},ann@company.example`));
    const input = { connectorId: world.connector.id, versionId };
    expect(await versionDifference(world.parts, first.grace, input)).toEqual({ kind: 'not_found' });
    expect(
      await differenceRows(world.parts, first.grace, { ...input, kind: 'added', after: null, limit: 1 }),
    ).toBeNull();
    // A version of another connector is none of this one's.
    const other = await first.propose(file(`${A},x@company.example`));
    if (other.kind !== 'proposed') throw new Error(other.kind);
    expect(await versionDifference(world.parts, world.grace, { ...input, versionId: other.versionId })).toEqual({
      kind: 'not_found',
    });
    expect(await versionDifference(world.parts, world.grace, { ...input, against: other.versionId })).toEqual({
      kind: 'not_found',
    });
    expect(await rows(versionId, 'added', world.reader)).toEqual(['+1••••••0001 ?: nobody → ann']);
    const nobody = { ...world.reader, roles: [] };
    await expect(versionDifference(world.parts, nobody, input)).rejects.toThrow(NotAllowed);
  });

  it('comes in pages', async () => {
    const numbers = Array.from({ length: 7 }, (_, index) => numberOf(index));
    const versionId = await proposed(file(...numbers.map((number) => `${number},ann@company.example`)));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof differenceRows>> = await differenceRows(world.parts, world.grace, {
        connectorId: world.connector.id,
        versionId,
        kind: 'added',
        after,
        limit: 3,
      });
      seen.push(...(page?.rows ?? []).map(({ number }) => number));
      after = page?.next ?? null;
    } while (after !== null);
    expect(seen).toEqual(numbers);
  });
});

describe('guards', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const day = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * DAY_MS).toISOString().slice(0, 10);
  /** A number for ever, written as 100 periods one after the other. */
  const inPieces = (number: string): string[] =>
    Array.from({ length: 100 }, (_, index) => {
      const [from, to] = [index === 0 ? '' : day(index), index === 99 ? '' : day(index)];
      return `${number},same@company.example,${from},${to}`;
    });
  const whole = (number: string): string => `${number},same@company.example`;
  const NUMBERS = Array.from({ length: 200 }, (_, index) => numberOf(index));
  const [few, many] = [NUMBERS.slice(0, 30), NUMBERS.slice(30)];

  it.each([
    ['changed', few.map((number) => `${number},other@company.example`)],
    ['removed', []],
  ] as const)('what is %s does not drown among rows that are cut into periods', async (kind, instead) => {
    await world.putInForce(file(...NUMBERS.map(whole)));
    const versionId = await proposed(file(...instead, ...many.flatMap(inPieces)));
    const found = await difference(versionId);
    expect(found.counts).toMatchObject({ [kind]: few.length, unchanged: many.length * 100 });
    expect(found.guards).toEqual(['typed_confirmation']);
  });

  it('nor among those that a version before was cut into', async () => {
    await world.putInForce(file(...few.map(whole), ...many.flatMap(inPieces)));
    const versionId = await proposed(
      file(...few.map((number) => `${number},other@company.example`), ...many.flatMap(inPieces)),
    );
    expect((await difference(versionId)).guards).toEqual(['typed_confirmation']);
  });
});

describe('in large versions', () => {
  /** Statements of comparisons, of which each reads every row of two versions. */
  function heavyStatements() {
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    const texts = () => spy.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('FULL JOIN'));
    return {
      heavy: () => texts().length,
      counts: () => texts().filter((text) => /count\(\*\)/.test(text)).length,
      spy,
    };
  }

  it('are counted once: a tile, a page and a page back read no more than their rows, and the age is said', async () => {
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`));
    const versionId = await proposed(
      file(`${A},ben@company.example`, `${C},ann@company.example`, `${D},x@company.example`),
    );
    let now = new Date('2026-11-21T06:14:00Z');
    const kept = new KeptAnswers({ lifetimeMs: 60_000, most: 100, now: () => now });
    const parts = { ...world.parts, kept };
    const stranger = first.grace;
    const input = { connectorId: world.connector.id, versionId };
    const counted = async () => {
      const result = await versionDifference(parts, world.grace, input);
      if (result.kind !== 'difference') throw new Error(result.kind);
      return result;
    };
    const { heavy, counts, spy } = heavyStatements();
    try {
      const opened = await counted();
      expect(opened.countedAt).toEqual(now);
      expect(counts()).toBeGreaterThan(0);
      spy.mockClear();
      now = new Date('2026-11-21T06:14:30Z');
      const added = { ...input, kind: 'added', limit: 1 } as const;
      const one = await differenceRows(parts, world.grace, { ...added, after: null });
      const two = await differenceRows(parts, world.grace, { ...added, after: one?.next ?? null });
      expect([...(one?.rows ?? []), ...(two?.rows ?? [])].map(({ number }) => number)).toEqual([C, D]);
      expect(two?.next).toBeNull();
      expect(await counted()).toEqual(opened);
      expect([heavy(), counts()]).toEqual([2, 0]);
      // Back to the first page and to the tiles: nothing is compared.
      await differenceRows(parts, world.grace, { ...added, after: null });
      await counted();
      expect([heavy(), counts()]).toEqual([2, 0]);
      // Who may not, gets nothing of what is kept.
      expect(await versionDifference(parts, stranger, input)).toEqual({ kind: 'not_found' });
      await expect(counted()).resolves.toEqual(opened);

      await forgetDifference(parts, world.reader, input);
      expect((await counted()).countedAt).toEqual(now);
      now = new Date('2026-11-21T06:16:00Z');
      expect((await counted()).countedAt).toEqual(now);
    } finally {
      spy.mockRestore();
    }
  });

  it('are counted again once somebody tried to apply: what is asked for then is on the page', async () => {
    await world.putInForce(file(`${A},ann@company.example`, `${B},ben@company.example`));
    const versionId = await proposed(file(`${A},ben@company.example`, `${B},ann@company.example`));
    const parts = { ...world.parts, kept: new KeptAnswers({ lifetimeMs: 60_000, most: 100, now: () => new Date() }) };
    const input = { connectorId: world.connector.id, versionId };
    const shown = async () => {
      const result = await versionDifference(parts, world.grace, input);
      return result.kind === 'difference' ? result.guards : result.kind;
    };
    expect(await shown()).not.toContain('rows_look_shifted');
    await register(world, { [A]: 'ann@company.example', [B]: 'ben@company.example' });
    expect(await shown()).not.toContain('rows_look_shifted');
    const choice = { ...input, base: await world.inForce(), reason: 'a new phone', confirmation: null };
    const applied = await applyVersion(parts, world.grace, { ...choice, shiftedConfirmation: null });
    expect(applied.kind).toBe('rows_look_shifted');
    expect(await shown()).toContain('rows_look_shifted');
  });

  it('a place among the rows says no number, and belongs to its list', async () => {
    const versionId = await proposed(file(`${A},ann@company.example`, `${B},ben@company.example`));
    const input = { connectorId: world.connector.id, versionId, kind: 'added', limit: 1 } as const;
    const page = await differenceRows(world.parts, world.reader, { ...input, after: null });
    const next = page?.next ?? '';
    expect(Buffer.from(next.replace('sealed.', ''), 'base64url').toString('latin1')).not.toContain(A.slice(-7));
    const behind = (after: string, kind: DifferenceKind = 'added') =>
      differenceRows(world.parts, world.grace, { ...input, kind, after }).then((one) => one?.rows[0]?.number ?? null);
    expect(await behind(next)).toBe(B);
    expect(await behind(`${next.slice(0, -4)}AAAA`)).toBe(A);
    expect(await behind('sealed.AAAA')).toBe(A);
    expect(await behind(next, 'disagreeing')).toBeNull();
  });
});

describe('rows that disagree with the source', () => {
  it('are those of today whose mailbox is not the e-mail address there, newly where they agreed before', async () => {
    await register(world, {
      [A]: 'Ann@company.example',
      [B]: 'ben@company.example',
      [C]: 'cleo@company.example',
      [D]: 'dan@homemail.example',
      [E]: null,
    });
    await world.putInForce(file(`${A},ann@company.example`, `${B},other@company.example`));
    const versionId = await proposed(
      file(
        `${A},ben@company.example`,
        `${B},third@company.example`,
        `${C},cleo@company.example,2020-01-01`,
        `${C},ann@company.example,,2019-12-31`,
        `${D},dan@company.example`,
        `${E},eve@company.example`,
      ),
    );
    const { counts } = await difference(versionId);
    expect(counts).toMatchObject({ comparable: 3, disagreeing: 2, newlyDisagreeing: 1 });
    expect(await rows(versionId, 'disagreeing')).toEqual([`${A} User 01: ann → ben`, `${B} User 02: other → third`]);
    expect(await rows(versionId, 'newly_disagreeing')).toEqual([`${A} User 01: ann → ben`]);
  });

  it('are not those where the directory knows both addresses as one person', async () => {
    await register(world, { [A]: 'ann@company.example', [B]: 'ben@company.example' });
    await world.database.pool.query(
      `INSERT INTO directory_entry (organization_id, address, result, user_id)
       SELECT $1, address, 'mailbox', user_id::uuid FROM unnest($2::text[], $3::text[]) AS t (address, user_id)`,
      [
        world.organizationId,
        ['ann@company.example', 'a.lee@company.example', 'ben@company.example'],
        ['1', '1', '2'].map((end) => `00000000-0000-4000-8000-00000000000${end}`),
      ],
    );
    const versionId = await proposed(file(`${A},a.lee@company.example`, `${B},a.lee@company.example`));
    expect(await rows(versionId, 'disagreeing')).toEqual([`${B} User 02: nobody → a.lee`]);
  });
});

it('numbers that another live connector maps are a warning, with its name and mailbox', async () => {
  const { pool } = world.database;
  const other = await seedConnector(pool, world.organizationId, 'WhatsApp Archiver');
  const foreign = await mappingWorld(first.database);
  for (const connector of [other, foreign.connector]) {
    const id = randomUUID();
    await pool.query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
       VALUES ($1, $2, $3, 1, 'in_force', 'file', 'x')`,
      [id, connector.organizationId, connector.id],
    );
    await pool.query(
      `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 2, 'w@company.example')`,
      [id, connector.organizationId, connector === other ? A : B],
    );
  }
  const versionId = await proposed(file(`${A},ann@company.example`, `${B},ben@company.example`));
  expect((await difference(versionId)).counts.withOtherConnector).toBe(1);
  const page = await differenceRows(world.parts, world.grace, {
    connectorId: world.connector.id,
    versionId,
    kind: 'other_connector',
    after: null,
    limit: 10,
  });
  expect(page?.rows.map(({ number, otherConnector }) => [number, otherConnector])).toEqual([
    [A, { name: 'WhatsApp Archiver', mailbox: 'w@company.example' }],
  ]);
  await pool.query(`UPDATE connector SET status = 'deleted' WHERE id = $1`, [other.id]);
  expect((await difference(versionId)).counts.withOtherConnector).toBe(0);
});

describe('whatever the two versions are', () => {
  /** Rows of one number: times between days 0 and 9, never overlapping. */
  interface Row {
    readonly number: number;
    readonly from: number;
    readonly to: number;
    readonly mailbox: string;
  }
  const DAYS = 10;
  const [ALWAYS_BEFORE, ALWAYS_AFTER] = [-1, DAYS];
  const periods = fc
    .uniqueArray(fc.integer({ min: ALWAYS_BEFORE, max: ALWAYS_AFTER }), { maxLength: 5 })
    .map((edges) => edges.toSorted((a, b) => a - b));
  const mailboxes = fc.array(fc.option(fc.constantFrom('a@x.example', 'b@x.example')), { minLength: 5, maxLength: 5 });
  const version = fc.array(fc.tuple(periods, mailboxes), { minLength: 4, maxLength: 4 }).map((numbers) =>
    numbers.flatMap(([edges, chosen], number) =>
      edges.slice(1).flatMap((to, index): Row[] => {
        const [from, mailbox] = [edges[index] ?? 0, chosen[index]];
        return mailbox === null || mailbox === undefined ? [] : [{ number, from, to, mailbox }];
      }),
    ),
  );

  async function write(lines: readonly Row[]): Promise<string> {
    const id = randomUUID();
    const { pool } = world.database;
    await pool.query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, origin, created_by)
       SELECT $1, $2, $3, 1 + coalesce(max(number), 0), 'file', 'x' FROM mapping_version WHERE connector_id = $3`,
      [id, world.organizationId, world.connector.id],
    );
    await pool.query(
      `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox, valid_from, valid_to)
       SELECT $1, $2, number, 2, mailbox, valid_from, valid_to
       FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) AS t (number, mailbox, valid_from, valid_to)`,
      [
        id,
        world.organizationId,
        lines.map(({ number }) => numberOf(number)),
        lines.map(({ mailbox }) => mailbox),
        lines.map(({ from }) => (from === ALWAYS_BEFORE ? '-infinity' : dayOf(from).toISOString())),
        lines.map(({ to }) => (to === ALWAYS_AFTER ? 'infinity' : dayOf(to).toISOString())),
      ],
    );
    return id;
  }
  const dayOf = (day: number): Date => new Date(Date.UTC(2026, 0, 1 + day));
  const at = (lines: readonly Row[], number: number, day: number): string | null =>
    lines.find((row) => row.number === number && row.from <= day && day < row.to)?.mailbox ?? null;

  it('every moment of every number is in one row of the difference, with its two mailboxes', async () => {
    await fc.assert(
      fc.asyncProperty(version, version, async (old, next) => {
        const compared = {
          organizationId: world.organizationId,
          connectorId: world.connector.id,
          sourceId: world.connector.sourceId,
          versionId: await write(next),
          against: await write(old),
          verifiedDomains: [],
        };
        const { pool } = world.database;
        const found = [];
        const counts = await countDifference(pool, compared);
        for (const kind of ['added', 'changed', 'removed', 'unchanged'] as const) {
          const of = await readDifference(pool, compared, kind, { after: null, limit: 1000 });
          expect(of).toHaveLength(counts[kind]);
          // In pages of two, of stretches that begin with one row, it is the same.
          const paged: typeof of = [];
          for (let page = of; page.length > 0 && paged.length <= of.length; paged.push(...page)) {
            page = await readDifference(pool, compared, kind, { after: paged.at(-1) ?? null, limit: 2 }, 1);
          }
          expect(paged).toEqual(of);
          found.push(...of);
        }
        for (let number = 0; number < 4; number++) {
          for (let day = ALWAYS_BEFORE; day < ALWAYS_AFTER; day++) {
            const moment = day === ALWAYS_BEFORE ? new Date(Date.UTC(1970, 0, 1)) : dayOf(day);
            const covering = found.filter(
              (row) =>
                row.number === numberOf(number) &&
                (row.validFrom === null || row.validFrom <= moment) &&
                (row.validTo === null || moment < row.validTo),
            );
            const mailboxes = [at(old, number, day), at(next, number, day)];
            expect(covering.map(({ oldMailbox, newMailbox }) => [oldMailbox, newMailbox])).toEqual(
              mailboxes.every((mailbox) => mailbox === null) ? [] : [mailboxes],
            );
          }
        }
      }),
      { numRuns: 60, seed: testSeed() | 0 },
    );
  });
});
