/** What an administrator sets of a connector's notifications. */
import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { type ChangedMeanwhile, changedMeanwhile } from '../connectors/changed-meanwhile.ts';
import { inTransaction, type Queryable } from '../db.ts';
import { parseAddress } from '../mapping/mailbox-address.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { isAllowed } from '../security/roles.ts';
import { nextSummaryAt } from './rules.ts';
import { openChannelSecret, sealChannelSecret } from './secrets.ts';
import { newWebhookSecret } from './signature.ts';
import { type SettingRow, settingOf } from './store/settings.ts';
import { newestNotices, type ShownNotice as StoredNotice } from './store/shown.ts';
import { waitForTurn } from './store/turn.ts';
import { keyOf, targetsOf } from './targets.ts';
import { tellOpenConditions } from './tell-conditions.ts';
import type { Channels } from './transmit.ts';
import { type Undelivered, undelivered } from './undelivered.ts';
import type { UrlProblem } from './web.ts';

/** Stated limit: addresses that a connector's notices go to. A list of many is a distribution group's work. */
export const MOST_ADDRESSES = 20;
const SHOWN_NOTICES = 10;

export interface NotificationParts extends Channels {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  /** hosts that webhooks and heartbeats may be sent to */
  readonly allowedHosts: readonly string[];
}

export interface ShownNotice extends Omit<StoredNotice, 'createdAt'> {
  /** ISO 8601 */
  readonly createdAt: string;
}

export interface NotificationSettings {
  readonly addresses: readonly string[];
  readonly waitingAbove: number;
  readonly dailySummary: boolean;
  /** UTC */
  readonly summaryHour: number;
  /** null: there is none. Its address and its secret do not come back */
  readonly webhookHost: string | null;
  readonly heartbeatHost: string | null;
  /** tell one address from the next, and nothing of either; null: there is none */
  readonly webhookMark: string | null;
  readonly heartbeatMark: string | null;
  /** the operator has set a mail server */
  readonly canMail: boolean;
  readonly allowedHosts: readonly string[];
  /** what does not get through, of the whole organization */
  readonly undelivered: readonly Undelivered[];
  /** the newest first */
  readonly notices: readonly ShownNotice[];
}

/** Of this organization's connector; defaults where nothing was set. @throws NotAllowed */
export async function notificationSettings(
  parts: NotificationParts,
  actor: Actor,
  connectorId: string,
): Promise<NotificationSettings> {
  authorize(actor, 'connectors.read');
  const { organizationId } = actor;
  const manages = isAllowed(actor.roles, 'connectors.manage');
  const [setting, notices, late] = await Promise.all([
    settingOf(parts.pool, organizationId, connectorId),
    newestNotices(parts.pool, organizationId, connectorId, SHOWN_NOTICES),
    undelivered(parts.pool, actor),
  ]);
  return {
    addresses: setting?.addresses ?? [],
    waitingAbove: setting?.waitingAbove ?? 0,
    dailySummary: setting?.dailySummary ?? true,
    summaryHour: setting?.summaryHour ?? 6,
    webhookHost: setting?.webhookHost ?? null,
    heartbeatHost: setting?.heartbeatHost ?? null,
    webhookMark: markOf(setting?.webhookUrlSealed ?? null),
    heartbeatMark: markOf(setting?.heartbeatUrlSealed ?? null),
    canMail: parts.mailer !== null,
    allowedHosts: manages ? parts.allowedHosts : [],
    undelivered: late,
    notices: notices.map((notice) => ({
      ...notice,
      // What a server says may name hosts of the operator's own network.
      answer: manages ? notice.answer : null,
      createdAt: notice.createdAt.toISOString(),
    })),
  };
}

/** An address is sealed anew each time it is set, so what is sealed tells when it was. */
function markOf(sealed: string | null): string | null {
  return sealed === null ? null : createHash('sha256').update(sealed).digest('hex').slice(0, 16);
}

export interface Notices {
  readonly addresses: readonly string[];
  /** copies that may wait for a mapping before somebody is told */
  readonly waitingAbove: number;
  readonly dailySummary: boolean;
  /** 0 to 23, UTC */
  readonly summaryHour: number;
}

export interface SetNotices extends Notices {
  readonly connectorId: string;
  /** what they were changed from on the page; left out: whatever they are */
  readonly seen?: Notices;
}

export type SetNoticesResult =
  | { readonly kind: 'done' }
  | ChangedMeanwhile<Notices>
  /** also the answer for another organization's connector */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'not_an_address'; readonly address: string };

/** Sets who gets e-mail, and what is told. Who is new is told what is open already. @throws NotAllowed */
export async function setNotices(
  parts: NotificationParts,
  actor: Actor,
  choice: SetNotices,
): Promise<SetNoticesResult> {
  authorize(actor, 'connectors.manage');
  const addresses = new Set<string>();
  for (const text of choice.addresses) {
    const parsed = parseAddress(text);
    if (!parsed.ok) return { kind: 'not_an_address', address: text };
    addresses.add(parsed.address);
  }
  if (addresses.size > MOST_ADDRESSES) return { kind: 'too_many' };
  const { waitingAbove, dailySummary, summaryHour } = choice;
  const values = [[...addresses], waitingAbove, dailySummary, summaryHour, nextSummaryAt(summaryHour, parts.now())];
  const { seen } = choice;
  const isOld = (row: SettingRow): Notices | null => {
    const now = noticesOf(row);
    return seen === undefined || isDeepStrictEqual(now, noticesOf(seen)) ? null : now;
  };
  return change(parts, actor, choice.connectorId, isOld, async (client) => {
    await client.query(
      `UPDATE notification_setting SET addresses = $3, waiting_above = $4, daily_summary = $5, summary_hour = $6,
         summary_due_at = CASE WHEN summary_hour = $6 THEN summary_due_at ELSE $7 END, updated_at = now() WHERE organization_id = $1 AND connector_id = $2`,
      [actor.organizationId, choice.connectorId, ...values],
    );
  });
}

function noticesOf({ addresses, waitingAbove, dailySummary, summaryHour }: Notices): Notices {
  return { addresses: [...addresses], waitingAbove, dailySummary, summaryHour };
}

export interface SetUrl {
  readonly connectorId: string;
  /** null: none any more */
  readonly url: string | null;
  /** the mark of the one that it was changed from on the page, null where there was none; left out: whatever it is */
  readonly seen?: string | null;
}

/** The address that is set: its host; null where there is none. */
export interface SetAddress {
  readonly host: string | null;
  readonly mark: string | null;
}

export type SetUrlResult =
  | {
      readonly kind: 'done';
      /** of a webhook: shown this once. null where none was made */
      readonly secret: string | null;
    }
  | ChangedMeanwhile<SetAddress>
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly reason: UrlProblem };

/** Sets or removes the webhook. Each time it is set it gets a new secret. @throws NotAllowed */
export function setWebhook(parts: NotificationParts, actor: Actor, choice: SetUrl): Promise<SetUrlResult> {
  const set = ({ webhookHost, webhookUrlSealed }: SettingRow) => addressOf(webhookHost, webhookUrlSealed);
  return setUrl(parts, actor, choice, newWebhookSecret(), set, (client, { host, seal, secret, idAfter }, before) =>
    client.query(
      `UPDATE notification_setting SET webhook_host = $3, webhook_url_sealed = $4, webhook_secret_sealed = $5,
         webhook_id = $6, updated_at = now() WHERE organization_id = $1 AND connector_id = $2`,
      [
        actor.organizationId,
        choice.connectorId,
        host,
        choice.url === null ? null : seal('webhook-url', choice.url),
        choice.url === null ? null : seal('webhook-secret', secret ?? ''),
        idAfter('webhook-url', before.webhookUrlSealed, before.webhookId),
      ],
    ),
  );
}

/** Sets or removes the heartbeat. The newest import counts for a new one, so that a monitor hears at once. @throws NotAllowed */
export function setHeartbeat(parts: NotificationParts, actor: Actor, choice: SetUrl): Promise<SetUrlResult> {
  const set = ({ heartbeatHost, heartbeatUrlSealed }: SettingRow) => addressOf(heartbeatHost, heartbeatUrlSealed);
  return setUrl(parts, actor, choice, null, set, (client, { host, seal, idAfter }, before) =>
    client.query(
      `UPDATE notification_setting SET heartbeat_host = $3, heartbeat_url_sealed = $4, heartbeat_id = $5,
         heartbeat_number = 0, updated_at = now() WHERE organization_id = $1 AND connector_id = $2`,
      [
        actor.organizationId,
        choice.connectorId,
        host,
        choice.url === null ? null : seal('heartbeat-url', choice.url),
        idAfter('heartbeat-url', before.heartbeatUrlSealed, before.heartbeatId),
      ],
    ),
  );
}

const addressOf = (host: string | null, sealed: string | null): SetAddress => ({ host, mark: markOf(sealed) });

interface ToWrite {
  readonly host: string | null;
  readonly secret: string | null;
  readonly seal: (what: Parameters<typeof sealChannelSecret>[2], text: string) => string;
  /** the address's own: another one for another address, so that it gets nothing that waits for the one before */
  readonly idAfter: (what: 'webhook-url' | 'heartbeat-url', sealed: string | null, id: string | null) => string | null;
}

async function setUrl(
  parts: NotificationParts,
  actor: Actor,
  { connectorId, url, seen }: SetUrl,
  secret: string | null,
  set: (row: SettingRow) => SetAddress,
  write: (client: Queryable, what: ToWrite, before: SettingRow) => Promise<unknown>,
): Promise<SetUrlResult> {
  authorize(actor, 'connectors.manage');
  const reason = url === null ? null : parts.web.problemOf(url);
  if (reason !== null) return { kind: 'refused', reason };
  const what: ToWrite = {
    host: url === null ? null : new URL(url).host,
    secret,
    seal: (purpose, text) => sealChannelSecret(parts.keyRing, connectorId, purpose, text),
    idAfter: (purpose, sealed, id) => {
      if (url === null) return null;
      return isSameUrl(parts, connectorId, purpose, sealed, url) ? id : randomUUID();
    },
  };
  const isOld = (row: SettingRow): SetAddress | null => {
    const now = set(row);
    return seen === undefined || now.mark === seen ? null : now;
  };
  const result = await change(parts, actor, connectorId, isOld, (client, before) => write(client, what, before));
  return result.kind === 'done' ? { kind: 'done', secret: url === null ? null : secret } : result;
}

/** Whether it is the address that is set already. One whose key is gone is another one. */
function isSameUrl(
  { keyRing }: NotificationParts,
  connectorId: string,
  purpose: 'webhook-url' | 'heartbeat-url',
  sealed: string | null,
  url: string,
): boolean {
  if (sealed === null) return false;
  try {
    return openChannelSecret(keyRing, connectorId, purpose, sealed) === url;
  } catch {
    return false;
  }
}

/**
 * Writes settings with their audit entry, and tells who is new what is open.
 *
 * @param isOld what is in force where it is not what somebody saw; then nothing is written
 */
async function change<Value>(
  { pool, now }: NotificationParts,
  actor: Actor,
  connectorId: string,
  isOld: (row: SettingRow) => Value | null,
  write: (client: Queryable, before: SettingRow) => Promise<unknown>,
): Promise<{ readonly kind: 'done' } | { readonly kind: 'not_found' } | ChangedMeanwhile<Value>> {
  const { organizationId } = actor;
  return inTransaction(pool, async (client) => {
    // A round that has read who is named before would tell somebody else, and not who is new.
    await waitForTurn(client, organizationId);
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
      [organizationId, connectorId],
    );
    const [connector] = rows;
    if (connector === undefined) return { kind: 'not_found' };
    await client.query(
      `INSERT INTO notification_setting (connector_id, organization_id, summary_due_at) VALUES ($1, $2, $3)
       ON CONFLICT (connector_id) DO NOTHING`,
      [connectorId, organizationId, nextSummaryAt(6, now())],
    );
    const before = await settingOf(client, organizationId, connectorId);
    if (before === null) throw new RangeError('settings that were just written are not there');
    const inForce = isOld(before);
    if (inForce !== null) {
      const what = { organizationId, connectorId, action: 'connector.notifications-changed' } as const;
      return changedMeanwhile(client, what, inForce);
    }
    await write(client, before);
    const after = await settingOf(client, organizationId, connectorId);
    if (after === null) throw new RangeError('settings that were just written are not there');
    const had = new Set(targetsOf(before).map(keyOf));
    const fresh = targetsOf(after).filter((target) => !had.has(keyOf(target)));
    await tellOpenConditions(client, organizationId, { id: connectorId, name: connector.name }, fresh);
    const detail = { before: auditable(before), after: auditable(after) };
    await auditIn(client, actor, { action: 'connector.notifications-changed', connectorId, detail });
    return { kind: 'done' };
  });
}

function auditable({ addresses, waitingAbove, dailySummary, summaryHour, webhookHost, heartbeatHost }: SettingRow) {
  return [
    ...addresses,
    ...(webhookHost === null ? [] : [`webhook at ${webhookHost}`]),
    ...(heartbeatHost === null ? [] : [`heartbeat at ${heartbeatHost}`]),
    `more than ${waitingAbove} waiting`,
    dailySummary ? `daily summary at ${String(summaryHour).padStart(2, '0')}:00 UTC` : 'no daily summary',
  ];
}
