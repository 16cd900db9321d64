/** Whatever the rows of a file say: none is applied that another row of the same number speaks against. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { type MappingRow, readMappingFile } from './mapping-file.ts';

interface Line {
  readonly number: string;
  /** null: cannot be read */
  readonly mailbox: string | null;
  /** days of 2026, both within the period; null: open */
  readonly from: number | null;
  readonly to: number | null;
}

const WRITTEN_BADLY = ['', 'susan', 'susan@x', 'a@company.com b@company.com'];
const DAYS = 12;
const day = fc.option(fc.integer({ min: 1, max: DAYS }));
const line = fc
  .record({
    number: fc.constantFrom('+12125550101', '+12125550102'),
    mailbox: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c') }, fc.constant(null)),
    from: day,
    to: day,
  })
  // Most periods are short, so that not all of them overlap.
  .map((one): Line => {
    const mailbox = one.mailbox === null ? null : `${one.mailbox}@company.com`;
    const { from, to } = one;
    return { ...one, mailbox, ...(from !== null && to !== null && from > to ? { from: to, to: from } : {}) };
  });

const dayOf = (at: number | null): string => (at === null ? '' : `2026-01-${String(at).padStart(2, '0')}`);
const overlap = (one: Line, other: Line): boolean =>
  one.number === other.number && (one.from ?? 0) <= (other.to ?? DAYS) && (other.from ?? 0) <= (one.to ?? DAYS);

async function applied(lines: readonly Line[]): Promise<ReadonlySet<Line>> {
  const text = lines.map(
    ({ number, mailbox, from, to }, index) =>
      `${number},${mailbox ?? WRITTEN_BADLY[index % WRITTEN_BADLY.length]},${dayOf(from)},${dayOf(to)}\n`,
  );
  const rows: MappingRow[] = [];
  const result = await readMappingFile(
    new TextEncoder().encode(`ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n${text.join('')}`),
    { region: 'US' },
    { rows: (some) => void rows.push(...some), errors: () => {} },
  );
  if (result.kind === 'refused') throw new Error(result.refusal.problem);
  const withdrawn = new Set(result.withdrawnRows);
  const kept = rows.filter(({ row }) => !withdrawn.has(row));
  expect([result.rowCount, result.erroneousRowCount]).toEqual([kept.length, lines.length - kept.length]);
  return new Set(lines.filter((_, index) => kept.some(({ row }) => row === index + 2)));
}

test('no row is applied that overlaps one of the same number with another mailbox, or one that cannot be read', async () => {
  let several = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (lines) => {
      const rows = await applied(lines);
      for (const row of rows) {
        const against = lines.filter((other) => overlap(row, other) && other.mailbox !== row.mailbox);
        expect(against).toEqual([]);
        // Nor twice for the same time.
        expect([...rows].filter((other) => other !== row && overlap(row, other))).toEqual([]);
      }
      // And nobody is left out without a reason.
      for (const one of lines) {
        const alone = lines.every((other) => other === one || !overlap(one, other));
        if (alone && one.mailbox !== null) expect(rows).toContain(one);
      }
      if (rows.size > 1) several += 1;
    }),
    { numRuns: 3_000, seed: testSeed() | 0 },
  );
  expect(several).toBeGreaterThan(100);
});
