import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { balances, copiesUnaccounted, itemsUnaccounted } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import {
  attachmentHashes,
  countOwed,
  differences,
  mailboxesOwed,
  readFeed,
  readMailboxes,
} from './mailboxes.fixture.ts';

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
    await engine.finish();
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

  it('puts every item of the feed into the mailbox of everybody who is owed it, once, with its attachments', async () => {
    const items = await readFeed(engine.source, await engine.windows(connectorId));
    const mailboxes = await readMailboxes(engine.graph);
    expect(countOwed(items)).toBeGreaterThan(100);
    expect(differences(items, mailboxes)).toEqual([]);
    for (const [userId, messages] of mailboxes) {
      for (const { id, itemId } of messages) {
        const item = items.get(itemId);
        if (!item || item.attachments.length === 0) continue;
        expect(mailboxesOwed(item)).toContain(userId);
        const hashes = item.attachments.map(({ sha256 }) => sha256).sort();
        expect(await attachmentHashes(engine.graph, userId, id)).toEqual(hashes);
      }
    }
  });
});
