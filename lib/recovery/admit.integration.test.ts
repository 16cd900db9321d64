/** Two workers of a new installation start at once: one counts, and the other must not take its silence for a lost mark. */
import pino from 'pino';
import { expect, it } from 'vitest';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { BlobContainer } from '../staging/azure.ts';
import { containerClient } from '../staging/connect.ts';
import { admitLedger } from './admit.ts';
import { LedgerMarkLostError, LedgerWatch } from './watch.ts';

/** Writes when it is let, and says when it is asked to: the database has counted by then. */
class SlowContainer extends BlobContainer {
  readonly asked = Promise.withResolvers<void>();
  readonly mayWrite = Promise.withResolvers<void>();

  override async write(...what: Parameters<BlobContainer['write']>): Promise<void> {
    this.asked.resolve();
    await this.mayWrite.promise;
    return super.write(...what);
  }
}

async function installation() {
  const blob = testBlobConnection();
  const connectionString = await testDatabase();
  const log = pino({ level: 'silent' });
  const watchOf = (container: BlobContainer): LedgerWatch =>
    new LedgerWatch({ connectionString, container, failoverLosesNothing: false, log }, () => {});
  return { watchOf, slow: new SlowContainer(containerClient(blob)), plain: new BlobContainer(containerClient(blob)) };
}

it('the second waits for what the first tells the storage', async () => {
  const { watchOf, slow, plain } = await installation();
  const told = watchOf(slow).look();
  await slow.asked.promise;
  let waits = 0;
  const warn = (): void => {
    waits += 1;
    slow.mayWrite.resolve();
  };
  await admitLedger(watchOf(plain), { warn }, { againMs: 50 });
  await told;
  expect(waits).toBe(1);
});

it('a mark that does not come is lost', async () => {
  const { watchOf, slow, plain } = await installation();
  const told = watchOf(slow).look();
  await slow.asked.promise;
  const refused = admitLedger(watchOf(plain), { warn: () => {} }, { againMs: 20, markMs: 100 });
  await expect(refused).rejects.toThrow(LedgerMarkLostError);
  slow.mayWrite.resolve();
  await told;
});
