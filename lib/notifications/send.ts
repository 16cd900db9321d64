/**
 * Sends what lies in the outbox. At least once: a notice is claimed for five minutes, so that two workers do not send it
 * both, and one that dies in the middle leaves it to the next, which sends it again under the same id (Message-ID and
 * X-Notice-Id of a mail, webhook-id of a webhook). What fails is tried again, for as long as it is true.
 *
 * Each server has a lane of its own: one that lets us wait holds up nobody who waits for another, and one that is away is
 * asked once and not for each notice.
 */
import { performance } from 'node:perf_hooks';
import pLimit from 'p-limit';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Answer } from './answer.ts';
import { singlesOf } from './content.ts';
import { backoffMinutes } from './rules.ts';
import * as store from './store/sending.ts';
import { type Channels, transmit } from './transmit.ts';

/** Requests to one server at a time. */
const OF_A_SERVER = 4;
/** Servers at a time. */
const LANES = 8;
/** A round begins no attempt after this, so that it is over before the worker's next ones pile up. */
const SENDING_MS = 40_000;

export interface SendDeps extends Channels {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** Sends what is due of an organization, the longest due first. Returns when nothing is, after a while, or where `signal` asks. */
export async function sendNotices(deps: SendDeps, organizationId: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + SENDING_MS;
  const isOver = (): boolean => signal.aborted || performance.now() >= until;
  const lanes = pLimit(LANES);
  const servers = await store.dueServers(deps.pool, organizationId);
  // One lane's fault, a database that went, is not the others'; the job fails with it once they are through.
  const ends = await Promise.allSettled(
    servers.map((server) => lanes(() => sendToServer(deps, organizationId, server, isOver))),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function sendToServer(
  deps: SendDeps,
  organizationId: string,
  server: store.Server,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const claimed = await store.claimNotices(deps.pool, organizationId, server, OF_A_SERVER);
    if (claimed.length === 0) return;
    const answers = await Promise.all(claimed.map((notice) => sendOne(deps, organizationId, notice)));
    const away = answers.find((answer) => answer?.isAway);
    if (away) {
      const minutes = backoffMinutes(Math.max(...claimed.map(({ attempts }) => attempts)));
      return store.putOff(deps.pool, organizationId, server, away.answer, minutes);
    }
  }
}

/** @returns null where nobody waits for it any more */
async function sendOne(deps: SendDeps, organizationId: string, notice: store.ClaimedNotice): Promise<Answer | null> {
  const settle = store.settleNotice.bind(null, deps.pool, organizationId, notice);
  // Whoever was taken off since, or whose address is another one now, gets nothing more.
  const wanted = new Set(notice.wantedOf);
  const items = singlesOf(notice.content).filter(({ connector }) => wanted.has(connector.id));
  if (items.length === 0) {
    await settle({ state: 'withdrawn', answer: 'No longer named' });
    return null;
  }
  const content = notice.content.kind === 'bundle' ? { ...notice.content, items } : notice.content;
  const answer = await attempt(deps, { ...notice, content });
  if (answer.ok) await settle({ state: 'sent', answer: answer.answer });
  else {
    const { id, connectorIds, channel, attempts } = notice;
    deps.log.warn({ notice: id, connectors: connectorIds.length, channel, attempts }, 'a notice could not be sent');
    await settle({ state: 'pending', answer: answer.answer }, backoffMinutes(attempts));
  }
  return answer;
}

/** A secret that does not open is a failure like another: the others are sent, and the page says it. */
async function attempt(deps: SendDeps, notice: store.ClaimedNotice): Promise<Answer> {
  const sealed = notice.sealed ?? { webhookUrlSealed: null, webhookSecretSealed: null, heartbeatUrlSealed: null };
  try {
    return await transmit(deps, notice, sealed, deps.now());
  } catch (error) {
    return { ok: false, answer: error instanceof Error ? error.name : 'unknown' };
  }
}
