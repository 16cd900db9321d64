/** Who calls Graph, by the bearer token. Tokens once read are remembered until they expire. */
import { readAccessToken, type TokenClaims, TokenRefused } from '../entra/access-tokens.ts';
import type { SigningKey } from '../entra/keys.ts';
import { findPerson, findTenant } from '../world/tenants.ts';
import { errors } from './errors.ts';
import type { Caller } from './request.ts';

const REMEMBERED = 1_000;

export class Callers {
  readonly #key: SigningKey;
  readonly #audiences: () => readonly string[];
  readonly #known = new Map<string, TokenClaims>();

  constructor(key: SigningKey, audiences: () => readonly string[]) {
    this.#key = key;
    this.#audiences = audiences;
  }

  /** @throws {GraphError} 401 InvalidAuthenticationToken */
  async identify(authorization: string | undefined, now: Date): Promise<Caller> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw errors.token('Access token is empty.');
    const known = this.#known.get(token);
    if (known && known.exp * 1_000 > now.getTime()) return callerOf(known);

    const claims = await this.#read(token, now);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(token, claims);
    return callerOf(claims);
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

/** The tenant and the person as they are now, which may be otherwise than when the token was made. */
function callerOf(claims: TokenClaims): Caller {
  const tenant = findTenant(claims.tid);
  if (!tenant) throw errors.token('Access token validation failure. Invalid issuer.');
  const user = claims.idtyp === 'user' ? findPerson(tenant, claims.oid) : undefined;
  if (claims.idtyp === 'user' && !user) throw errors.token('Access token validation failure. The user does not exist.');
  return { tenant, app: claims.appid, roles: new Set(claims.roles), scopes: new Set(claims.scp), user };
}
