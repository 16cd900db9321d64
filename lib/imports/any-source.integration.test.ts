/** The engine with a source that is not TeleMessage, as somebody who adds one tries theirs (docs/adding-a-source.md). */
import { expect, it } from 'vitest';
import { startTestSandbox } from '#testing/sandbox.ts';
import { balances } from './counts.ts';
import { startEngine } from './engine.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { people, scriptedSource, sms } from './scripted-source.fixture.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR = 3_600_000;

it('imports what has settled, though the source is hours behind the midnight up to which the day is due', async () => {
  const eleven = new Date(startOfUtcDay(new Date()).getTime() - 13 * HOUR);
  const source = scriptedSource(eleven);
  const [owner] = people;
  if (owner === undefined) throw new Error('nobody');
  source.listed.push(sms(owner, new Date(eleven.getTime() - HOUR), { id: 'one' }));
  const sandbox = await startTestSandbox();
  try {
    const engine = await startEngine(sandbox, { source: () => source });
    try {
      const connectorId = await engine.connect({ firstImportFrom: new Date(eleven.getTime() - 2 * HOUR) });
      // Due at any hour of the day at which this test runs.
      await engine.database.pool.query('UPDATE connector SET schedule_minute = 0');
      await engine.finish();
      const counts = await engine.counts(connectorId);
      expect(counts.copies.imported).toBe(1);
      expect(balances(counts)).toBe(true);
      expect((await readMailboxes(engine.graph)).get(owner.id)?.map(({ itemId }) => itemId)).toEqual(['one']);
    } finally {
      await engine.close();
    }
  } finally {
    await sandbox.stop();
  }
});
