/** What the worker does about notifications: asks once a minute for a round of each organization, and runs it. */
import type { ImportDeps } from '../imports/deps.ts';
import { type SendDeps, sendNotices } from './send.ts';
import { organizationsToTell } from './store/turn.ts';
import { type SweepDeps, sweepNotifications } from './sweep.ts';

export type NotificationDeps = SweepDeps & SendDeps;

/** However many workers look: shorter than the minute after which each of them does. */
const ROUND_SECONDS = 45;

/** Asks for a round of each organization in which somebody is told something. */
export async function dispatchNotifications(
  { pool }: Pick<NotificationDeps, 'pool'>,
  enqueue: ImportDeps['enqueue'],
): Promise<void> {
  for (const { organizationId } of await organizationsToTell(pool)) {
    await enqueue('tellPeople', { organizationId }, { key: organizationId, onceInSeconds: ROUND_SECONDS });
  }
}

/** One round: what is new goes into the outbox, and what is due there goes out. */
export async function tellPeople(deps: NotificationDeps, organizationId: string, signal: AbortSignal): Promise<void> {
  try {
    await sweepNotifications(deps, organizationId);
  } finally {
    // What lies in the outbox goes out, whatever keeps a round from looking.
    await sendNotices(deps, organizationId, signal);
  }
}
