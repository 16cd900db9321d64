import { expect, test } from 'vitest';
import { liveHub } from '#lib/connectors/live.ts';
import { readFingerprints } from '#lib/connectors/row-buckets.ts';
import { seededActor } from '#lib/connectors/rows.fixture.ts';
import {
  type ConnectorRow,
  connectorRowSchema,
  type LiveMessage,
  liveMessageSchema,
  writeMessage,
} from '#lib/connectors/snapshot.ts';
import { currentRows } from './current-rows.ts';

const ORGANIZATION = 'a0000000-0000-4000-8000-00000000000f';
const at = '2026-11-22T06:14:00.000Z';

function row(n: number, version: number): ConnectorRow {
  const id = `a0000000-0000-4000-8000-00000000000${n.toString(16)}`;
  return connectorRowSchema.parse({
    id,
    version,
    name: `${n}`,
    kind: 'k',
    health: 'balanced',
    activity: 'idle',
    toDo: {},
  });
}

/** A server that has these rows, and how its stream answers an address: as it arrives. */
async function answer(rows: readonly ConnectorRow[], address: string): Promise<LiveMessage> {
  const { promise, resolve } = Promise.withResolvers<LiveMessage>();
  const hub = liveHub({
    read: async () => rows,
    subscribe() {},
    now: () => new Date(at),
    setTimer() {},
    onError: (error) => {
      throw error;
    },
  });
  const known = readFingerprints(new URL(address, 'http://portal').searchParams.get('known'));
  const send = (message: LiveMessage): boolean => {
    resolve(message);
    return true;
  };
  hub.watch(seededActor(ORGANIZATION), { send }, known);
  return liveMessageSchema.parse(JSON.parse(writeMessage(await promise)));
}

const sent = (message: LiveMessage) =>
  message.type === 'snapshot' ? message.connectors.map(({ name }) => name) : null;
const shown = (message: LiveMessage | null) => sent(message ?? { type: 'heartbeat', at })?.toSorted();

test('a page that came with its rows gets what changed since, and tells everything', async () => {
  const current = currentRows('/api/events?person=p', [row(1, 1), row(2, 1), row(3, 1)]);
  const message = await answer([row(1, 1), row(2, 2), row(4, 1)], current.address());
  expect(sent(message)).toEqual(['2', '4']);
  expect(shown(current.take(message))).toEqual(['1', '2', '4']);
});

test('after a break it goes on from what it was told', async () => {
  const current = currentRows('/api/events', []);
  expect(current.address()).toBe('/api/events');
  expect(sent(current.take(await answer([row(1, 1), row(2, 1)], current.address())))).toEqual(['1', '2']);
  current.take({ type: 'changed', at, connectors: [row(2, 5)], removed: [] });
  const message = await answer([row(1, 1), row(2, 5)], current.address());
  expect(sent(message)).toEqual([]);
  expect(shown(current.take(message))).toEqual(['1', '2']);
  expect(current.snapshot()).toMatchObject({ connectors: [row(1, 1), row(2, 5)] });
});

test('tells nobody anything before the stream has', () => {
  const current = currentRows('/api/events', [row(1, 1)]);
  current.take({ type: 'heartbeat', at });
  expect(current.snapshot()).toBeNull();
});
