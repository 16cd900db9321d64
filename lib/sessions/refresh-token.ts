/** The refresh token of a session: sealed in its row, opened only where Entra ID is asked who somebody is now. */
import type { KeyRing } from '../security/keyring.ts';
import { openSecret, sealSecret } from '../security/sealing.ts';

/** Ties the token to its row: copied to another session it does not open. */
const contextOf = (sessionId: string): string => `session-refresh-token:${sessionId}`;

export function sealRefreshToken(ring: KeyRing, sessionId: string, token: string): string {
  return sealSecret(ring, token, contextOf(sessionId));
}

/** @throws TamperedError, UnknownKeyError */
export function openRefreshToken(ring: KeyRing, sessionId: string, sealed: string): string {
  return openSecret(ring, sealed, contextOf(sessionId));
}

/** The same under the ring's newest key. @throws TamperedError, UnknownKeyError */
export function resealRefreshToken(ring: KeyRing, sessionId: string, sealed: string): string {
  return sealRefreshToken(ring, sessionId, openRefreshToken(ring, sessionId, sealed));
}
