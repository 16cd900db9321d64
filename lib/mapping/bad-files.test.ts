import { describe, expect, test } from 'vitest';
import { BAD_FILES } from './bad-files.fixture.ts';
import { type MappingRow, type RowError, readMappingFile } from './mapping-file.ts';
import { refusalSentence, rowErrorSentence } from './words.ts';

async function check(bytes: Uint8Array) {
  const rows: MappingRow[] = [];
  const errors: RowError[] = [];
  const result = await readMappingFile(
    bytes,
    { region: 'US' },
    {
      rows: (some) => {
        for (const row of some) rows.push(row);
      },
      errors: (some) => {
        for (const error of some) if (errors.length < 10) errors.push(error);
      },
    },
  );
  const withdrawn = new Set(result.kind === 'read' ? result.withdrawnRows : []);
  return { result, rows: rows.filter(({ row }) => !withdrawn.has(row)), sentences: errors.map(rowErrorSentence) };
}

describe('a bad file gets a clear error that names the place', () => {
  test.each(Object.entries(BAD_FILES))('%s', async (_, { bytes, outcome, says }) => {
    const { result, rows, sentences } = await check(bytes());
    if (result.kind === 'refused') {
      expect(outcome).toBe('refused');
      expect(refusalSentence(result.refusal)).toBe(says);
      return;
    }
    expect(outcome).toBe('error');
    expect(sentences).toContain(says);
    expect(result.erroneousRowCount).toBeGreaterThan(0);
    // The wrong row is never among the rows.
    expect(rows.every(({ row }) => row === 2)).toBe(true);
  });
});
