/** The password of a connector's source account: sealed in the row, opened only where somebody signs in with it. */
import type { KeyRing } from '../security/keyring.ts';
import { openSecret, resealSecret, sealSecret } from '../security/sealing.ts';

/** Ties the sealed password to its row: copied to another connector it does not open. */
const contextOf = (connectorId: string): string => `connector-password:${connectorId}`;

export function sealPassword(ring: KeyRing, connectorId: string, password: string): string {
  return sealSecret(ring, password, contextOf(connectorId));
}

/** @throws TamperedError, UnknownKeyError */
export function openPassword(ring: KeyRing, connectorId: string, sealed: string): string {
  return openSecret(ring, sealed, contextOf(connectorId));
}

/** The same password under the ring's newest key. @throws TamperedError, UnknownKeyError */
export function resealPassword(ring: KeyRing, connectorId: string, sealed: string): string {
  return resealSecret(ring, sealed, contextOf(connectorId));
}
