import { expect, test } from 'vitest';
import { AskedWrongError, askedOf, exitCodeOf, lineOf, sentenceOf, tableOf } from './report.ts';
import type { Summary } from './verify.ts';

const copy = {
  archivedAt: new Date('2026-11-01T10:00:07Z'),
  id: '7',
  sourceItemId: 'm-1',
  state: 'imported',
  userId: '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271',
  mailbox: 'ada@x.example',
  messageId: 'AAk',
  contentHash: 'aa',
} as const;
const connector = { id: 'c', organizationId: 'o', name: 'Branch', kind: 'android-archiver', accountId: 'a' };
const summaryOf = (results: Partial<Summary['results']>, isComplete = true): Summary => ({
  copies: 1,
  results: { found: 0, moved: 0, missing: 0, changed: 0, unread: 0, ...results },
  comparedWith: { ledger: 1, header: 0, nothing: 0 },
  changedMeanwhile: 0,
  isComplete,
});

test('a connector and a half-open time are asked for', () => {
  const asked = askedOf([
    '--connector',
    'Android Archiver',
    '--from',
    '2026-11-01',
    '--to=2026-11-02T06:00:00Z',
    '--json',
  ]);
  expect(asked).toEqual({
    connector: 'Android Archiver',
    from: new Date('2026-11-01T00:00:00Z'),
    to: new Date('2026-11-02T06:00:00Z'),
    json: true,
  });
});

test.each([
  [[]],
  [['--connector', 'x', '--from', '2026-11-01']],
  [['--connector', 'x', '--from', '2026-11-01', '--to', '2026-11-01']],
  [['--connector', 'x', '--from', '2026-02-30', '--to', '2026-03-09']],
  [['--connector', 'x', '--from', 'yesterday', '--to', '2026-03-09']],
  [['--connector', 'x', '--from', '2026-11-01T00:00:00+02:00', '--to', '2026-11-09']],
  [['--conector', 'x', '--from', '2026-11-01', '--to', '2026-11-09']],
])('%j is refused with a sentence', (args) => {
  expect(() => askedOf(args)).toThrow(AskedWrongError);
});

test('the process ends with what was found', () => {
  expect(exitCodeOf(summaryOf({ found: 5, moved: 2 }))).toBe(0);
  expect(exitCodeOf(summaryOf({ missing: 1, unread: 1 }))).toBe(1);
  expect(exitCodeOf(summaryOf({ changed: 1 }))).toBe(1);
  expect(exitCodeOf(summaryOf({ unread: 1 }))).toBe(3);
  expect(exitCodeOf(summaryOf({ found: 1 }, false))).toBe(3);
});

test('copies are named by item and mailbox; a table says the rest', () => {
  const missing = { result: 'missing', comparedWith: null, contentHash: null, code: 'recoverable' } as const;
  expect(sentenceOf(copy, missing)).toBe('Missing (recoverable): item m-1 in ada@x.example');
  expect(sentenceOf(copy, { ...missing, result: 'moved' })).toBeNull();
  expect(JSON.parse(lineOf(copy, missing))).toMatchObject({ result: 'missing', item: 'm-1', ledgerHash: 'aa' });
  const period = { from: new Date('2026-11-01'), to: new Date('2026-11-02') };
  expect(
    tableOf(connector, period, summaryOf({ missing: 1 }))
      .split('\n')
      .slice(0, 5),
  ).toEqual([
    'Branch, reached TeleMessage from 2026-11-01 00:00 UTC to before 2026-11-02 00:00 UTC',
    expect.stringMatching(/^Copies +1$/),
    expect.stringMatching(/^ {2}Found +0$/),
    expect.stringMatching(/^ {2}Moved to another folder +0$/),
    expect.stringMatching(/^ {2}Missing +1$/),
  ]);
});
