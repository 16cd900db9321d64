/** What of a connector's channels is sealed: the webhook's secret, and addresses, because some let anybody post who knows them. */
import type { KeyRing } from '../security/keyring.ts';
import { openSecret, resealSecret, sealSecret } from '../security/sealing.ts';

export type ChannelSecret = 'webhook-url' | 'webhook-secret' | 'heartbeat-url';

/** Ties it to its row and its purpose: copied elsewhere it does not open. */
const contextOf = (connectorId: string, what: ChannelSecret): string => `notification-${what}:${connectorId}`;

export function sealChannelSecret(ring: KeyRing, connectorId: string, what: ChannelSecret, secret: string): string {
  return sealSecret(ring, secret, contextOf(connectorId, what));
}

/** @throws TamperedError, UnknownKeyError */
export function openChannelSecret(ring: KeyRing, connectorId: string, what: ChannelSecret, sealed: string): string {
  return openSecret(ring, sealed, contextOf(connectorId, what));
}

/** The same under the ring's newest key. @throws TamperedError, UnknownKeyError */
export function resealChannelSecret(ring: KeyRing, connectorId: string, what: ChannelSecret, sealed: string): string {
  return resealSecret(ring, sealed, contextOf(connectorId, what));
}
