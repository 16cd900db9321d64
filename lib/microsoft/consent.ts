/**
 * Asking an administrator for consent, and reading what came back. Pure but for the cipher.
 *
 * What comes back by redirect proves nothing (anybody can call the address): `prove-consent.ts` asks Entra ID itself.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export interface ConsentLink {
  /** from the tenant's discovery document: its origin is where browsers go */
  readonly authorizationEndpoint: string;
  /** tenant id: the consent page then refuses administrators of other tenants */
  readonly tenantId: string;
  readonly clientId: string;
  /** `https://graph.microsoft.com/.default` in the public cloud */
  readonly scope: string;
  readonly redirectUri: string;
  readonly state: string;
}

/** The address of the consent page. It carries no session: it may be sent to somebody else. */
export function adminConsentUrl(link: ConsentLink): string {
  const url = new URL(
    `/${encodeURIComponent(link.tenantId)}/v2.0/adminconsent`,
    new URL(link.authorizationEndpoint).origin,
  );
  url.searchParams.set('client_id', link.clientId);
  url.searchParams.set('scope', link.scope);
  url.searchParams.set('redirect_uri', link.redirectUri);
  url.searchParams.set('state', link.state);
  return url.href;
}

/** What a `state` is bound to. Single use is the caller's: record `nonceHash`, take it once by a conditional update. */
export interface ConsentState {
  /** the connector draft that asked */
  readonly draftId: string;
  /** random, at least 16 bytes, base64url */
  readonly nonce: string;
  readonly expiresAt: Date;
}

export type ConsentStateProblem = 'malformed' | 'forged' | 'expired';

/** A key for nothing but these states, from the installation's secret. @param secret at least 32 bytes */
export function consentStateKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), 'compliance-portal admin consent state v1', 32));
}

/** SHA-256 of a nonce: what is stored, so that the database alone cannot make a state. */
export function nonceHash(nonce: string): Uint8Array {
  return createHash('sha256').update(nonce).digest();
}

const payloadSchema = z.object({ d: z.string().min(1), n: z.string().min(16), e: z.number().int() });

/** `payload.signature`, both base64url. */
export function signConsentState(state: ConsentState, key: Uint8Array): string {
  const payload = JSON.stringify({ d: state.draftId, n: state.nonce, e: state.expiresAt.getTime() });
  const encoded = Buffer.from(payload, 'utf8').toString('base64url');
  return `${encoded}.${signature(encoded, key).toString('base64url')}`;
}

/** The state, or why it is not ours. The signature is compared in constant time and before anything is parsed. */
export function verifyConsentState(text: string, key: Uint8Array, now: Date): ConsentState | ConsentStateProblem {
  const parts = /^([\w-]{1,1000})\.([\w-]{43})$/.exec(text);
  const [, encoded, given] = parts ?? [];
  if (encoded === undefined || given === undefined) return 'malformed';
  const sent = Buffer.from(given, 'base64url');
  const ours = signature(encoded, key);
  if (sent.byteLength !== ours.byteLength || !timingSafeEqual(sent, ours)) return 'forged';
  const payload = payloadSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
  if (payload.e <= now.getTime()) return 'expired';
  return { draftId: payload.d, nonce: payload.n, expiresAt: new Date(payload.e) };
}

function signature(encoded: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(encoded).digest();
}

/** What the consent page sends the browser back with. */
export type ConsentCallback =
  | {
      readonly kind: 'accepted';
      readonly state: string /** as claimed, never authorise by it */;
      readonly tenant: string | null;
    }
  | { readonly kind: 'declined'; readonly state: string; readonly error: string }
  | { readonly kind: 'failed'; readonly state: string; readonly error: string };

const callbackSchema = z.object({
  state: z.string().min(1).max(2000),
  admin_consent: z.string().optional(),
  tenant: z.string().max(200).optional(),
  error: z.string().max(200).optional(),
  error_description: z.string().optional(),
});

/** Reads the query of the callback; null where it is not one. The description is Microsoft's text and is not kept. */
export function parseConsentCallback(query: URLSearchParams): ConsentCallback | null {
  const parsed = callbackSchema.safeParse(Object.fromEntries(query));
  if (!parsed.success) return null;
  const { state, admin_consent: consent, tenant, error, error_description: description = '' } = parsed.data;
  if (error !== undefined) {
    // AADSTS65004: the administrator clicked Cancel.
    const declined = error === 'access_denied' || error === 'consent_declined' || description.includes('AADSTS65004');
    return { kind: declined ? 'declined' : 'failed', state, error };
  }
  return consent?.toLowerCase() === 'true' ? { kind: 'accepted', state, tenant: tenant ?? null } : null;
}
