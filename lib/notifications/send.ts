/**
 * Sends what lies in the outbox. At least once: a notice is claimed for five minutes, so that two workers do not send it
 * both, and one that dies in the middle leaves it to the next, which sends it again under the same id (Message-ID and
 * X-Notice-Id of a mail, webhook-id of a webhook). What fails is tried again for a day, and then given up where the
 * Settings page shows it.
 */
import { performance } from 'node:perf_hooks';
import pLimit from 'p-limit';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { KeyRing } from '../security/keyring.ts';
import type { Answer } from './answer.ts';
import type { Mailer } from './mail.ts';
import { backoffMinutes } from './rules.ts';
import { openChannelSecret } from './secrets.ts';
import { signatureHeaders } from './signature.ts';
import * as store from './store.ts';
import type { Web } from './web.ts';
import { mailOf } from './words.ts';

const GIVEN_UP_MS = 24 * 3_600_000;
/** As many as are sent at once: what is claimed does not wait for its turn while its claim runs out. */
const AT_A_TIME = 5;
const inTurn = pLimit(AT_A_TIME);

/** How notices travel. */
export interface Channels {
  /** null: the operator has set no mail server */
  readonly mailer: Mailer | null;
  readonly web: Web;
  readonly portalUrl: string;
  readonly keyRing: KeyRing;
}

export interface SendDeps extends Channels {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** A round sends no longer than this: a mail server that hangs must not keep the next round from looking. */
const SENDING_MS = 40_000;

/** Sends what is due of an organization, the longest due first. Returns when nothing is, after a while, or where `signal` asks. */
export async function sendNotices(deps: SendDeps, organizationId: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + SENDING_MS;
  while (!signal.aborted && performance.now() < until) {
    const claimed = await store.claimNotices(deps.pool, organizationId, AT_A_TIME);
    if (claimed.length === 0) return;
    await Promise.all(claimed.map((notice) => inTurn(() => sendOne(deps, organizationId, notice))));
  }
}

async function sendOne(deps: SendDeps, organizationId: string, notice: store.ClaimedNotice): Promise<void> {
  if (!isStillWanted(notice)) {
    await store.settleNotice(deps.pool, organizationId, notice, { state: 'withdrawn', answer: 'No longer named' });
    return;
  }
  const { ok, answer } = await attempt(deps, notice);
  if (ok) return store.settleNotice(deps.pool, organizationId, notice, { state: 'sent', answer });
  const isOver = deps.now().getTime() - notice.createdAt.getTime() >= GIVEN_UP_MS;
  const { id, connectorId, channel, attempts } = notice;
  deps.log.warn({ notice: id, connectorId, channel, attempts, isOver }, 'a notice could not be sent');
  const state = isOver ? 'given_up' : 'pending';
  await store.settleNotice(deps.pool, organizationId, notice, { state, answer }, backoffMinutes(attempts));
}

/** A secret that does not open is a failure like another: the others are sent, and the page says it. */
async function attempt(deps: SendDeps, notice: store.ClaimedNotice): Promise<Answer> {
  try {
    return await transmit(deps, notice, notice.setting, deps.now());
  } catch (error) {
    return { ok: false, answer: error instanceof Error ? error.name : 'unknown' };
  }
}

/** Whoever was taken off the settings since gets nothing more. */
function isStillWanted({ channel, target, setting }: store.ClaimedNotice): boolean {
  if (channel === 'email') return setting.addresses.includes(target);
  return (channel === 'webhook' ? setting.webhookHost : setting.heartbeatHost) === target;
}

/** One attempt. Never throws for what the other side does. */
export async function transmit(
  { mailer, web, portalUrl, keyRing }: Channels,
  { id, connectorId, channel, target, content }: store.NewNotice,
  setting: Pick<store.SettingRow, 'webhookUrlSealed' | 'webhookSecretSealed' | 'heartbeatUrlSealed'>,
  now: Date,
): Promise<Answer> {
  if (channel === 'email') {
    if (mailer === null) return { ok: false, answer: 'The operator has set no mail server' };
    return mailer.send(id, target, mailOf(content, portalUrl));
  }
  if (channel === 'heartbeat') {
    const url = openChannelSecret(keyRing, connectorId, 'heartbeat-url', setting.heartbeatUrlSealed ?? '');
    return web.send(url, { method: 'GET' });
  }
  const url = openChannelSecret(keyRing, connectorId, 'webhook-url', setting.webhookUrlSealed ?? '');
  const secret = openChannelSecret(keyRing, connectorId, 'webhook-secret', setting.webhookSecretSealed ?? '');
  const link = new URL(`/connectors/${connectorId}`, portalUrl).href;
  const body = JSON.stringify({ id, link, ...content });
  const headers = { 'content-type': 'application/json', ...signatureHeaders(secret, id, now, body) };
  return web.send(url, { method: 'POST', headers, body });
}
