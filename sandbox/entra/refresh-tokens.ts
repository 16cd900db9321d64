/** Refresh tokens and spent authorization codes, in memory: they end with the process, as sign-in sessions do. */
import { randomBytes } from 'node:crypto';

/** 90 days, as Entra ID gives web apps */
const LIFETIME_MS = 90 * 86_400_000;
const MOST = 10_000;

export interface RefreshGrant {
  readonly tenantId: string;
  readonly personId: string;
  /** the `scope` that was asked for at the sign-in */
  readonly scope: string;
  /** the authorization code that all this came from */
  readonly code: string;
  /** epoch milliseconds */
  readonly expires: number;
}

export class RefreshTokens {
  readonly #grants = new Map<string, RefreshGrant>();
  readonly #spent = new Set<string>();

  /** A new token; the ones before it stay good, as they do with Entra ID. */
  issue(grant: Omit<RefreshGrant, 'expires'>, now: Date): string {
    const token = `1.${randomBytes(48).toString('base64url')}`;
    forgetOldest(this.#grants);
    this.#grants.set(token, { ...grant, expires: now.getTime() + LIFETIME_MS });
    return token;
  }

  find(token: string): RefreshGrant | undefined {
    return this.#grants.get(token);
  }

  /** False when the code was spent before; whatever came of it then ends, since one of the two is a thief. */
  spend(code: string): boolean {
    if (this.#spent.has(code)) {
      for (const [token, grant] of this.#grants) if (grant.code === code) this.#grants.delete(token);
      return false;
    }
    forgetOldest(this.#spent);
    this.#spent.add(code);
    return true;
  }
}

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  const oldest = kept.size >= MOST ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}
