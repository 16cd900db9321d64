import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { balances, copiesUnaccounted, itemsUnaccounted } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '300' });
});
afterAll(() => sandbox.stop());

describe('an import', () => {
  let engine: Engine;
  let connectorId: string;
  beforeAll(async () => {
    engine = await startEngine(sandbox);
    connectorId = await engine.connect();
    await engine.settle();
  });
  afterAll(() => engine?.close());

  it('ends with both equations and nothing under way', async () => {
    const counts = await engine.counts(connectorId);
    expect(counts.items.listed).toBeGreaterThan(100);
    expect(counts.copies.imported).toBeGreaterThan(100);
    expect(itemsUnaccounted(counts)).toBe(0);
    expect(copiesUnaccounted(counts)).toBe(0);
    expect(balances(counts)).toBe(true);
    const { rows } = await engine.database.pool.query('SELECT phase, balanced, problem FROM import');
    for (const row of rows) expect(row).toEqual({ phase: 'completed', balanced: true, problem: null });
  });
});
