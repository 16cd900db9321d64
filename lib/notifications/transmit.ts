/** One attempt to hand a notice over. */
import type { KeyRing } from '../security/keyring.ts';
import type { Answer } from './answer.ts';
import { type NoticeContent, singlesOf } from './content.ts';
import { mailOf } from './letter.ts';
import type { Mailer } from './mail.ts';
import { openChannelSecret } from './secrets.ts';
import { signatureHeaders } from './signature.ts';
import type { SettingRow } from './store/settings.ts';
import type { Target } from './targets.ts';
import type { Web } from './web.ts';

/** How notices travel. */
export interface Channels {
  /** null: the operator has set no mail server */
  readonly mailer: Mailer | null;
  readonly web: Web;
  readonly portalUrl: string;
  readonly keyRing: KeyRing;
}

export interface Transmission extends Pick<Target, 'channel' | 'target'> {
  /** the same on every attempt */
  readonly id: string;
  readonly content: NoticeContent;
}

type Sealed = Pick<SettingRow, 'webhookUrlSealed' | 'webhookSecretSealed' | 'heartbeatUrlSealed'>;

/** Never throws for what the other side does. @throws TamperedError, UnknownKeyError */
export async function transmit(
  { mailer, web, portalUrl, keyRing }: Channels,
  { id, channel, target, content }: Transmission,
  sealed: Sealed,
  now: Date,
): Promise<Answer> {
  const items = singlesOf(content);
  if (channel === 'email') {
    if (mailer === null) return { ok: false, answer: 'The operator has set no mail server', isAway: true };
    return mailer.send(id, target, mailOf(items, portalUrl));
  }
  const connectorId = items[0]?.connector.id ?? '';
  if (channel === 'heartbeat') {
    return web.send(openChannelSecret(keyRing, connectorId, 'heartbeat-url', sealed.heartbeatUrlSealed ?? ''), {
      method: 'GET',
    });
  }
  const url = openChannelSecret(keyRing, connectorId, 'webhook-url', sealed.webhookUrlSealed ?? '');
  const secret = openChannelSecret(keyRing, connectorId, 'webhook-secret', sealed.webhookSecretSealed ?? '');
  const link = new URL(`/connectors/${connectorId}`, portalUrl).href;
  const body = JSON.stringify({ id, link, ...withTask(content, `${link}/not-imported`) });
  const headers = { 'content-type': 'application/json', ...signatureHeaders(secret, id, now, body) };
  return web.send(url, { method: 'POST', headers, body });
}

/** What a summary says is kept, with the page on which somebody can do something about it. */
function withTask(content: NoticeContent, link: string): object {
  return content.kind === 'summary' && content.held !== null
    ? { ...content, held: { ...content.held, link } }
    : content;
}
