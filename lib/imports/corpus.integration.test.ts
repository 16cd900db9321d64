import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { CORPUS_FILE, compareWithFeed, corpusMissing } from './corpus.fixture.ts';
import { balances } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';

const MESSAGES = 5000;
const missing = corpusMissing();
if (missing) console.warn(`Skipped: ${missing}`);

describe.skipIf(missing !== null)(`${MESSAGES} messages that people wrote`, () => {
  let sandbox: TestSandbox;
  let engine: Engine;
  let connectorId: string;
  beforeAll(async () => {
    sandbox = await startTestSandbox({ SANDBOX_CORPUS: CORPUS_FILE, SANDBOX_CORPUS_LIMIT: String(MESSAGES) });
    engine = await startEngine(sandbox);
    connectorId = await engine.connect({ firstImportFrom: new Date(Date.now() - 3 * 24 * 3_600_000) });
    await engine.finish();
  }, 180_000);
  afterAll(async () => {
    await engine?.close();
    await sandbox?.stop();
  }, 180_000);

  it('are in the mailboxes that they belong to, their text unchanged', async () => {
    const result = await compareWithFeed(engine, connectorId);
    expect(result.items).toBeGreaterThanOrEqual(MESSAGES);
    expect(result.copies).toBeGreaterThan(0.8 * MESSAGES);
    expect(result.wrongCopies).toEqual([]);
    expect(result.wrongTexts).toEqual([]);
    expect(balances(await engine.counts(connectorId))).toBe(true);
  }, 60_000);
});
