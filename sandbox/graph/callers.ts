/** Who calls Graph, by the bearer token. Tokens once read are remembered until they expire. */
import { type AppClaims, readAppToken, TokenRefused } from '../entra/access-tokens.ts';
import type { SigningKey } from '../entra/keys.ts';
import type { Tenant } from '../world/people.ts';
import { findTenant } from '../world/tenants.ts';
import { errors } from './errors.ts';
import type { Caller } from './request.ts';

const REMEMBERED = 1_000;

export class Callers {
  readonly #key: SigningKey;
  readonly #tenants: readonly Tenant[];
  readonly #audiences: () => readonly string[];
  readonly #known = new Map<string, { readonly caller: Caller; readonly expires: number }>();

  constructor(key: SigningKey, tenants: readonly Tenant[], audiences: () => readonly string[]) {
    this.#key = key;
    this.#tenants = tenants;
    this.#audiences = audiences;
  }

  /** @throws {GraphError} 401 InvalidAuthenticationToken */
  async identify(authorization: string | undefined, now: Date): Promise<Caller> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw errors.token('Access token is empty.');
    const known = this.#known.get(token);
    if (known && known.expires > now.getTime()) return known.caller;

    const claims = await this.#read(token, now);
    const tenant = findTenant(this.#tenants, claims.tid);
    if (!tenant) throw errors.token('Access token validation failure. Invalid issuer.');
    const caller = { tenant, app: claims.appid, roles: new Set(claims.roles) };
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(token, { caller, expires: claims.exp * 1_000 });
    return caller;
  }

  async #read(token: string, now: Date): Promise<AppClaims> {
    try {
      return await readAppToken(this.#key, token, this.#audiences(), now);
    } catch (error) {
      if (error instanceof TokenRefused) throw errors.token(error.message);
      throw error;
    }
  }
}
