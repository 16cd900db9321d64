import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { type Output, statusLines } from './status.ts';

function recorder(settings: Pick<Output, 'isTTY' | 'columns'>): Output & { readonly written: string[] } {
  const written: string[] = [];
  return { ...settings, written, write: (text) => written.push(text) };
}

test('where nobody watches, a step is one line, written when it is over', () => {
  const output = recorder({ isTTY: false });
  const status = statusLines(output);
  status.begin('Redis');
  status.update('Redis', 'loading');
  expect(output.written).toEqual([]);
  status.done('Redis', '127.0.0.1:6379');
  status.fail('Sample', 'no answer');
  expect(output.written).toEqual(['  ✓ Redis              127.0.0.1:6379\n', '  ! Sample             no answer\n']);
});

test('in a terminal the lines keep their order and are redrawn in place', () => {
  const output = recorder({ isTTY: true, columns: 80 });
  const status = statusLines(output);
  status.begin('One');
  status.begin('Two');
  status.done('One');
  const last = output.written.at(-1) ?? '';
  expect(last.startsWith('\x1b[2A')).toBe(true);
  expect(stripVTControlCharacters(last)).toBe('  ✓ One\n  … Two\n');
});

test('no line is longer than the terminal is wide', () => {
  const output = recorder({ isTTY: true, columns: 30 });
  statusLines(output).done('Portal', 'http://localhost:3000/with/a/long/path');
  expect(stripVTControlCharacters(output.written[0] ?? '').trimEnd().length).toBeLessThan(30);
});

test('a terminal that does not know its width cuts nothing', () => {
  const output = recorder({ isTTY: true, columns: 0 });
  statusLines(output).done('Portal', 'http://localhost:3000');
  expect(stripVTControlCharacters(output.written[0] ?? '')).toBe('  ✓ Portal             http://localhost:3000\n');
});
