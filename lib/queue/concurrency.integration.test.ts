/** What waits for other people's servers takes no place from imports. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { testRedisUrl } from '#testing/services.ts';
import { redisConnection } from './connection.ts';
import { consume, type Handlers } from './consumer.ts';
import { concurrencyOf, QUEUES } from './jobs.ts';
import { openProducer } from './producer.ts';

test('no import waits for notices, and rounds of notices run side by side, a few at a time', async () => {
  const url = await testRedisUrl();
  const connection = redisConnection(url);
  const producer = openProducer(redisConnection(url), 'test');
  const stopping = new AbortController();
  const released = Promise.withResolvers<void>();
  const planned = Promise.withResolvers<void>();
  const rounds: string[] = [];
  const nothing = async (): Promise<void> => {};
  const handlers: Handlers = {
    plan: async () => planned.resolve(),
    // A mail server that does not answer.
    tellPeople: async ({ organizationId }) => {
      rounds.push(organizationId);
      await released.promise;
    },
    collect: nothing,
    fetchAttachments: nothing,
    deliver: nothing,
    reconcile: nothing,
    release: nothing,
    recheck: nothing,
    clear: nothing,
    sweepStaging: nothing,
    clearDiscardedRows: nothing,
    checkDays: nothing,
    verify: nothing,
    sweepDoubt: nothing,
    correct: nothing,
    compareMailboxes: nothing,
    verifyAudit: nothing,
    purge: async () => {},
  };
  const MOST = 6;
  const workers = QUEUES.map((queue) =>
    consume({
      queue,
      connection,
      prefix: 'test',
      concurrency: concurrencyOf(queue, MOST),
      lockSeconds: 30,
      handlers,
      log: pino({ level: 'silent' }),
      signal: stopping.signal,
    }),
  );
  const organization = (number: number) => `00000000-0000-4000-8000-0000000000${10 + number}`;
  for (let number = 0; number < MOST + 2; number++) {
    const organizationId = organization(number);
    await producer.enqueue('tellPeople', { organizationId }, { key: organizationId, onceInSeconds: 45 });
  }
  await expect.poll(() => rounds).toHaveLength(4);
  await producer.enqueue('plan', {
    organizationId: organization(0),
    connectorId: organization(1),
    trigger: 'scheduled',
  });
  await planned.promise;
  expect(rounds).toHaveLength(4);
  released.resolve();
  await expect.poll(() => rounds).toHaveLength(MOST + 2);
  await Promise.all(workers.map((worker) => worker.close()));
  await producer.close();
  connection.disconnect();
}, 60_000);
