import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, testRedisUrl } from '#testing/services.ts';
import { redisConnection } from '../queue/connection.ts';
import { publishChange, subscribeChanges } from '../queue/events.ts';
import { NotAllowed } from '../security/actor.ts';
import { eventStream } from './event-stream.ts';
import { type LiveHub, liveHub } from './live.ts';
import { rowsOfOrganization } from './overview.ts';
import { seedConnector, seedCounter, seededActor, seedOrganization, seedRun } from './rows.fixture.ts';
import { type LiveMessage, liveMessageSchema } from './snapshot.ts';

const PREFIX = 'live-test';
let pool: pg.Pool;
let publisher: Redis;
let subscriber: Redis;
let hub: LiveHub;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
  const url = await testRedisUrl();
  publisher = new Redis(url);
  subscriber = redisConnection(url);
  const { promise: subscribed, resolve } = Promise.withResolvers<void>();
  hub = liveHub({
    read: (organizationId, ids) => rowsOfOrganization(pool, organizationId, ids, new Date()),
    subscribe(listener, again) {
      subscriber.on('ready', () => void subscriber.ping().then(again));
      void subscribeChanges(subscriber, PREFIX, listener).then(() => resolve());
    },
    now: () => new Date(),
    setTimer: (work, ms) => void setTimeout(work, ms),
    onError: (error) => {
      throw error;
    },
  });
  hub.watch(seededActor('00000000-0000-4000-8000-000000000000'), { send: () => true }, null).stop();
  await subscribed;
});
afterAll(async () => {
  subscriber.disconnect();
  publisher.disconnect();
  await pool.end();
});

/** Reads a stream as a browser does: frames to validated messages. */
async function* messagesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<LiveMessage> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield liveMessageSchema.parse(JSON.parse(data.slice(6)));
    }
  }
}

async function next(messages: AsyncGenerator<LiveMessage>): Promise<LiveMessage | null> {
  const { value, done } = await messages.next();
  return done ? null : value;
}

test('a change that a worker publishes reaches the browser, read from the database', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Android Archiver');
  const id = await seedRun(pool, connector, { day: 0, phase: 'delivering', counts: { 'copies.available': 4 } });
  const abort = new AbortController();
  const messages = messagesOf(eventStream(hub, seededActor(organization), null, abort.signal));
  expect(await next(messages)).toMatchObject({
    type: 'snapshot',
    connectors: [{ open: [{ counts: { copies: { imported: 0 } } }] }],
  });

  await seedCounter(pool, id, 0, 'copies.imported', 3);
  await publishChange(publisher, PREFIX, { organizationId: organization, connectorId: connector.id, importId: id });
  expect(await next(messages)).toMatchObject({
    type: 'changed',
    connectors: [{ open: [{ counts: { copies: { imported: 3 } } }] }],
  });

  abort.abort();
  expect(await next(messages)).toBeNull();
});

test("another organization's change is not heard", async () => {
  const [mine, other] = [await seedOrganization(pool), await seedOrganization(pool)];
  const [own, foreign] = [await seedConnector(pool, mine, 'Mine'), await seedConnector(pool, other, 'Theirs')];
  const abort = new AbortController();
  const messages = messagesOf(eventStream(hub, seededActor(mine), null, abort.signal));
  await next(messages);
  // The foreign one first: had it been heard, it would be the next message.
  await publishChange(publisher, PREFIX, { organizationId: other, connectorId: foreign.id, importId: null });
  // An organization that names somebody else's connector learns that it is not there, and nothing more.
  await publishChange(publisher, PREFIX, { organizationId: mine, connectorId: foreign.id, importId: null });
  expect(await next(messages)).toMatchObject({ type: 'changed', connectors: [], removed: [foreign.id] });
  await publishChange(publisher, PREFIX, { organizationId: mine, connectorId: own.id, importId: null });
  expect(await next(messages)).toMatchObject({ type: 'changed', connectors: [{ name: 'Mine' }] });
  abort.abort();
});

test('when Redis was away, the browser gets everything again', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Before');
  const abort = new AbortController();
  const messages = messagesOf(eventStream(hub, seededActor(organization), null, abort.signal));
  await next(messages);
  await pool.query(`UPDATE connector SET name = 'After' WHERE id = $1`, [connector.id]);
  subscriber.disconnect(true);
  expect(await next(messages)).toMatchObject({ type: 'snapshot', connectors: [{ name: 'After' }] });
  abort.abort();
});

test('somebody without a role is not let in, neither to the stream nor to the hub', () => {
  const nobody = seededActor('00000000-0000-4000-8000-000000000000', []);
  expect(() => eventStream(hub, nobody, null, new AbortController().signal)).toThrow(NotAllowed);
  expect(() => hub.watch(nobody, { send: () => true }, null)).toThrow(NotAllowed);
});

test('a browser that closes its stream is forgotten', async () => {
  const organization = await seedOrganization(pool);
  const stream = eventStream(hub, seededActor(organization), null, new AbortController().signal);
  const messages = messagesOf(stream);
  expect(await next(messages)).toMatchObject({ type: 'snapshot' });
  await messages.return(undefined);
  // Nothing to see from outside but this: a later change has nobody to go to and nothing to fail on.
  await publishChange(publisher, PREFIX, { organizationId: organization, connectorId: organization, importId: null });
  const others = messagesOf(eventStream(hub, seededActor(organization), null, AbortSignal.timeout(5000)));
  expect(await next(others)).toMatchObject({ type: 'snapshot', connectors: [] });
});
