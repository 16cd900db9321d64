import { expect, test } from 'vitest';
import type { Graph } from '../../microsoft/graph.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { systemClock } from '../clock.ts';
import { MailboxPauses, pausesOf } from './pauses.ts';

function pausesAt(): { readonly pauses: MailboxPauses; readonly at: (ms: number) => void } {
  let now = 1_000;
  const pauses = new MailboxPauses({ ...systemClock, monotonic: () => now });
  const at = (ms: number): void => {
    now = 1_000 + ms;
  };
  return { pauses, at };
}

test('a mailbox is left alone until its pause is over, and the others are not', () => {
  const { pauses, at } = pausesAt();
  pauses.add('one', 5);
  at(4_999);
  expect(pauses.mailboxes).toEqual(['one']);
  expect(() => pauses.throwIfPaused('one')).toThrow(GraphError);
  expect(() => pauses.throwIfPaused('other')).not.toThrow();
  at(5_000);
  expect(pauses.mailboxes).toEqual([]);
  expect(() => pauses.throwIfPaused('one')).not.toThrow();
});

test('a shorter pause does not end a longer one', () => {
  const { pauses, at } = pausesAt();
  pauses.add('one', 300);
  pauses.add('one', 1);
  at(2_000);
  expect(pauses.secondsOf('one')).toBe(298);
});

test('whoever asks the same Graph knows of the same pauses', () => {
  const [graph, other] = [{}, {}] as Graph[];
  if (!graph || !other) throw new Error('two');
  pausesOf(graph, systemClock).add('one', 60);
  expect(pausesOf(graph, systemClock).mailboxes).toEqual(['one']);
  expect(pausesOf(other, systemClock).mailboxes).toEqual([]);
});
