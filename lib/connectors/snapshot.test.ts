import { expect, test } from 'vitest';
import { countsOf } from '../imports/counts.ts';
import { type ConnectorRow, type LiveMessage, liveMessageSchema, writeMessage } from './snapshot.ts';

const at = '2026-11-22T06:14:00.000Z';

const ROW: ConnectorRow = {
  id: 'a0000000-0000-4000-8000-00000000000f',
  version: 1,
  name: 'Branch 1 London',
  kind: 'android-archiver',
  health: 'balanced',
  activity: 'idle',
  stoppedReason: null,
  stoppedAt: null,
  pausedAt: null,
  alerts: [],
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  open: [],
  lastNumber: 730,
  balancedUpTo: at,
  verification: { done: 0, total: null },
  verifiedAt: at,
  nextImportAt: at,
};

test('what says nothing does not travel, and is there again when it is read', () => {
  const counts = countsOf([{ outcome: 'copies.imported', count: 3 }]);
  const open = { id: ROW.id, number: 1, phase: 'delivering', windowStart: at, windowEnd: at, since: at } as const;
  const messages: readonly LiveMessage[] = [
    { type: 'snapshot', at, connectors: [ROW], kept: [0, 3] },
    { type: 'snapshot', at, connectors: [], kept: [] },
    {
      type: 'changed',
      at,
      connectors: [{ ...ROW, open: [{ ...open, counts, problem: null, nextAttemptAt: at }] }],
      removed: [],
    },
    { type: 'heartbeat', at },
  ];
  for (const message of messages) expect(liveMessageSchema.parse(JSON.parse(writeMessage(message)))).toEqual(message);
  expect(writeMessage({ type: 'snapshot', at, connectors: [ROW], kept: [] }).length).toBeLessThan(400);
});
