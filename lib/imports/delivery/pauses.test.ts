import { expect, test } from 'vitest';
import type { Graph } from '../../microsoft/graph.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { systemClock } from '../clock.ts';
import type { Ledger } from '../ledger.ts';
import type { GraphPause } from '../store/pauses.ts';
import { Pauses } from './pauses.ts';

const of = { organizationId: 'organization', shard: 0 };

/** Pauses of one process, whose ledger keeps what it is told; others share its Graph, or have one of their own. */
function pausesAt() {
  let [now, failures] = [1_000, 0];
  const noted: GraphPause[] = [];
  const ledger = {
    currentPauses: async () => noted,
    notePauses: async (_: unknown, pauses: readonly GraphPause[]) => {
      if (failures > 0) {
        failures--;
        throw new Error('the database is away');
      }
      noted.push(...pauses);
    },
  } as unknown as Ledger;
  const clock = { ...systemClock, monotonic: () => now };
  const inProcess = (graph: object) => new Pauses({ clock, ledger, graph: () => graph as Graph }, of);
  const at = (ms: number): void => {
    now = 1_000 + ms;
  };
  const failOnce = (): void => {
    failures = 1;
  };
  return { inProcess, noted, at, failOnce };
}

test('a mailbox is left alone until its pause is over, and the others are not', () => {
  const { inProcess, at } = pausesAt();
  const pauses = inProcess({});
  pauses.add('one', 5);
  at(4_999);
  expect(pauses.mailboxes()).toEqual(['one']);
  expect(() => pauses.throwIfPaused('one')).toThrow(GraphError);
  expect(() => pauses.throwIfPaused('other')).not.toThrow();
  at(5_000);
  expect(pauses.mailboxes()).toEqual([]);
  expect(() => pauses.throwIfPaused('one')).not.toThrow();
});

test('a pause of the organization is one of all its mailboxes', () => {
  const pauses = pausesAt().inProcess({});
  pauses.add(null, 5);
  expect(() => pauses.throwIfPaused('one')).toThrow(GraphError);
});

test('a shorter pause does not end a longer one', () => {
  const { inProcess, at } = pausesAt();
  const pauses = inProcess({});
  pauses.add('one', 300);
  pauses.add('one', 1);
  at(2_000);
  expect(pauses.secondsOf('one')).toBe(298);
});

test('the same process knows at once, another one by the ledger', async () => {
  const { inProcess, noted } = pausesAt();
  const graph = {};
  const told = inProcess(graph);
  told.add('one', 60);
  expect(inProcess(graph).mailboxes()).toEqual(['one']);
  const other = inProcess({});
  await other.read();
  expect(other.mailboxes()).toEqual([]);
  await told.write();
  await told.write();
  expect(noted).toEqual([{ userId: 'one', seconds: 60 }]);
  await other.read();
  expect(other.mailboxes()).toEqual(['one']);
});

test('what could not be written is written the next time', async () => {
  const { inProcess, noted, failOnce } = pausesAt();
  const pauses = inProcess({});
  pauses.add('one', 60);
  failOnce();
  await expect(pauses.write()).rejects.toThrow('the database is away');
  await pauses.write();
  await pauses.write();
  expect(noted).toEqual([{ userId: 'one', seconds: 60 }]);
});
