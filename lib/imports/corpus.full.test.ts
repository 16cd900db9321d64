/** `npm run corpus`: every message of the corpus, imported, read back and compared; prints counts and time. */
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { CORPUS_FILE, compareWithFeed, corpusMissing } from './corpus.fixture.ts';
import { balances } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';

const MESSAGES = 55_835;
const missing = corpusMissing();
if (missing) console.warn(`Skipped: ${missing}`);

describe.skipIf(missing !== null)('the whole corpus', () => {
  let sandbox: TestSandbox;
  let engine: Engine;
  beforeAll(async () => {
    sandbox = await startTestSandbox({ SANDBOX_CORPUS: CORPUS_FILE, SANDBOX_LIMITS_SCALE: '1000' });
    engine = await startEngine(sandbox);
  });
  afterAll(async () => {
    await engine?.close();
    await sandbox?.stop();
  });

  it('is in the mailboxes that it belongs to, every text unchanged', async () => {
    const began = performance.now();
    const connectorId = await engine.connect({ firstImportFrom: new Date(Date.now() - 3 * 24 * 3_600_000) });
    await engine.finish();
    const imported = performance.now();
    const result = await compareWithFeed(engine, connectorId);
    const compared = performance.now();
    const { items, copies } = await engine.counts(connectorId);
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    console.log(
      [
        `items        ${result.items}, in the ledger ${items.listed - items.repeat}`,
        `copies       ${copies.imported} imported, ${copies.waiting} waiting for mapping, ${copies.failed} failed`,
        `wrong        ${result.wrongCopies.length} copies, ${result.wrongTexts.length} texts`,
        `import       ${seconds(imported - began)} s, ${Math.round((1000 * result.items) / (imported - began))} items a second, in one process`,
        `reading back ${seconds(compared - imported)} s`,
      ].join('\n'),
    );
    expect(result.items).toBe(MESSAGES);
    expect(result.wrongCopies).toEqual([]);
    expect(result.wrongTexts).toEqual([]);
    expect(balances({ items, copies })).toBe(true);
  });
});
