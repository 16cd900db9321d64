import { describe, expect, test } from 'vitest';
import { type CheckMessage, type CheckRequest, checkFile } from './check-file.ts';

const HEADER = 'ExternalUserId,O365UserMailbox\n';
const row = (index: number): string => `+1212${2_000_000 + index},p${index}@company.com\n`;

async function check(content: string, more: Partial<CheckRequest> = {}, now?: () => number) {
  const posted: CheckMessage[] = [];
  const request = { file: new Blob([content]), region: 'US', verifiedDomains: [], ...more };
  const last = await checkFile(request, (message) => posted.push(structuredClone(message)), now);
  return { posted, last };
}

test('the first rows and how many there are', async () => {
  const { last } = await check(HEADER + Array.from({ length: 8 }, (_, index) => row(index)).join(''));
  expect(last).toMatchObject({ kind: 'checked', rowCount: 8, erroneousRowCount: 0, firstErrors: [] });
  expect(last.kind === 'checked' && last.firstRows.map((one) => one.row)).toEqual([2, 3, 4, 5, 6]);
});

test('a hundred errors are shown, and all of them are in the list to download', async () => {
  const wrong = Array.from({ length: 30_000 }, (_, index) => `4.45204E+11,p${index}@company.com\n`);
  const { last } = await check(HEADER + row(1) + wrong.join(''));
  if (last.kind !== 'checked') throw new Error(last.kind);
  expect(last).toMatchObject({ rowCount: 1, erroneousRowCount: 30_000 });
  expect(last.firstErrors).toHaveLength(100);
  const lines = (await last.errorsCsv.text()).split('\r\n');
  expect(lines).toHaveLength(30_002);
  expect(lines.at(-2)).toBe(
    '30002,ExternalUserId,4.45204E+11,4.45204E+11 has lost digits. Format the column as text and save again.',
  );
  // With its mark, or spreadsheets show the quotation marks as others.
  expect([...new Uint8Array(await last.errorsCsv.slice(0, 3).arrayBuffer())]).toEqual([0xef, 0xbb, 0xbf]);
});

describe('while it reads', () => {
  const long = HEADER + Array.from({ length: 20_000 }, (_, index) => row(index)).join('');

  test('it says how far it is, ten times a second', async () => {
    let time = 0;
    // Every look at the clock is ten milliseconds later.
    const { posted } = await check(long, {}, () => {
      time += 10;
      return time;
    });
    const fractions = posted.map((message) => (message.kind === 'progress' ? message.fraction : Number.NaN));
    expect(fractions.length).toBeGreaterThan(2);
    expect(fractions.length).toBeLessThan(time / 100 + 1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
  });

  test('it shows what it has found, each list when it has grown', async () => {
    let time = 0;
    const broken = long.replace(row(9_000), `x,p@company.com\n`);
    const { posted } = await check(broken, {}, () => {
      time += 60;
      return time;
    });
    const found = posted.flatMap((message) => (message.kind === 'progress' ? [message.found] : []));
    expect(found[0]?.firstRows).toHaveLength(5);
    expect(found.slice(1).every(({ firstRows }) => firstRows === undefined)).toBe(true);
    expect(found.filter(({ firstErrors }) => firstErrors !== undefined)).toHaveLength(1);
    expect(found.at(-1)).toMatchObject({ erroneousRowCount: 1 });
  });
});

test('an address outside the verified domains is wrong in the browser, too', async () => {
  const { last } = await check(HEADER + row(1), { verifiedDomains: ['other.com'] });
  expect(last).toMatchObject({ kind: 'checked', firstErrors: [{ row: 2, problem: 'mailbox_other_domain' }] });
});

test('a file that the disk does not give out', async () => {
  const file = new Blob([HEADER]);
  file.arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
  expect((await check('', { file })).last).toEqual({ kind: 'unreadable' });
});

test('a row that a later one contradicts is not shown as one that can be used', async () => {
  const { last } = await check(`${HEADER}${row(1)}${row(2)}${row(1).replace('p1@', 'other@')}`);
  expect(last).toMatchObject({ kind: 'checked', rowCount: 1, erroneousRowCount: 2 });
  expect(last.kind === 'checked' && last.firstRows.map((one) => one.row)).toEqual([3]);
});
