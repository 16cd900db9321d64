/** Who calls Graph, by the bearer token. Tokens once read are remembered until they expire. */
import { readAccessToken, type TokenClaims, TokenRefused } from '../entra/access-tokens.ts';
import type { SigningKey } from '../entra/keys.ts';
import type { Tenant } from '../world/people.ts';
import { findPerson, findTenant } from '../world/tenants.ts';
import { errors } from './errors.ts';
import type { Caller } from './request.ts';

const REMEMBERED = 1_000;
const EXPIRED = 'Lifetime validation failed, the token is expired.';

export class Callers {
  readonly #key: SigningKey;
  readonly #tenants: readonly Tenant[];
  readonly #audiences: () => readonly string[];
  /** tokens that a fault rule ended; the oldest are forgotten */
  readonly #ended = new Set<string>();
  readonly #known = new Map<string, TokenClaims>();

  constructor(key: SigningKey, tenants: readonly Tenant[], audiences: () => readonly string[]) {
    this.#key = key;
    this.#tenants = tenants;
    this.#audiences = audiences;
  }

  /** @throws {GraphError} 401 InvalidAuthenticationToken */
  async identify(authorization: string | undefined, now: Date): Promise<Caller> {
    const token = bearer(authorization);
    if (token === undefined) throw errors.token('Access token is empty.');
    if (this.#ended.has(token)) throw errors.token(EXPIRED);
    const known = this.#known.get(token);
    if (known && known.exp * 1_000 > now.getTime()) return callerOf(known, this.#tenants);

    const claims = await this.#read(token, now);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(token, claims);
    return callerOf(claims, this.#tenants);
  }

  /** Takes a token for expired from now on; false when it was taken so already. */
  end(authorization: string | undefined): boolean {
    const token = bearer(authorization);
    if (token === undefined || this.#ended.has(token)) return false;
    this.#ended.add(token);
    const [oldest] = this.#ended;
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
    return true;
  }

  /** @throws {GraphError} 401 when `end` was called for this token */
  refuseEnded(authorization: string | undefined): void {
    if (this.#ended.size > 0 && this.#ended.has(bearer(authorization) ?? '')) throw errors.token(EXPIRED);
  }

  async #read(token: string, now: Date): Promise<TokenClaims> {
    try {
      return await readAccessToken(this.#key, token, this.#audiences(), now);
    } catch (error) {
      if (error instanceof TokenRefused) throw errors.token(error.message);
      throw error;
    }
  }
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** The tenant and the person as they are now, which may be otherwise than when the token was made. */
function callerOf(claims: TokenClaims, tenants: readonly Tenant[]): Caller {
  const tenant = findTenant(tenants, claims.tid);
  if (!tenant) throw errors.token('Access token validation failure. Invalid issuer.');
  const user = claims.idtyp === 'user' ? findPerson(tenant, claims.oid) : undefined;
  if (claims.idtyp === 'user' && !user) throw errors.token('Access token validation failure. The user does not exist.');
  return { tenant, app: claims.appid, roles: new Set(claims.roles), scopes: new Set(claims.scp), user };
}
