import { expect, it } from 'vitest';
import { jsonLines, newReference } from './json-lines.ts';

async function* fails() {
  yield { test: 'host' };
  throw new Error('the database is away');
}

it('ends with a line that names the reference of what is in the log, and not the cause', async () => {
  const logged: unknown[] = [];
  const stream = jsonLines(fails(), (error) => {
    logged.push(error);
    return { failed: { reference: '7F3A22B1' } };
  });
  expect(await new Response(stream).text()).toBe('{"test":"host"}\n{"failed":{"reference":"7F3A22B1"}}\n');
  expect(logged).toEqual([new Error('the database is away')]);
});

it('asks for an item when the line before it was taken, and ends them when nobody reads on', async () => {
  let asked = 0;
  let ended = false;
  async function* items() {
    try {
      for (;;) yield ++asked;
    } finally {
      ended = true;
    }
  }
  const reader = jsonLines(items(), () => ({ failed: { reference: '' } })).getReader();
  await reader.read();
  expect(asked).toBeLessThanOrEqual(2);
  await reader.cancel();
  expect(ended).toBe(true);
});

it('makes references that can be read out', () => {
  expect(newReference()).toMatch(/^[0-9A-F]{8}$/);
});
