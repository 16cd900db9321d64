/** Entra ID's own description of a tenant's endpoints (OpenID Connect Discovery). */
import { z } from 'zod';
import { AppTokenError } from './app-token.ts';
import type { MicrosoftHosts } from './clouds.ts';
import { NoAnswer, NotSent, type Transport } from './transport.ts';

export interface TenantEndpoints {
  /** where a browser signs in; its origin also serves the consent page */
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly issuer: string;
  /** the keys that its tokens are signed with */
  readonly jwksUri: string;
}

const schema = z.object({
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  issuer: z.string(),
  jwks_uri: z.url(),
});

/**
 * @param tenant id or domain
 * @throws AppTokenError `unreachable`, or `tenant_unknown` where Entra ID has no such tenant
 */
export async function discover(
  hosts: MicrosoftHosts,
  tenant: string,
  transport: Transport,
  signal?: AbortSignal,
): Promise<TenantEndpoints> {
  const url = `${hosts.authority}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
  try {
    const answer = await transport(url, { method: 'GET', headers: { accept: 'application/json' }, signal });
    if (answer.status >= 500 || answer.status === 429)
      throw new AppTokenError('unreachable', `Entra ID is not ready (HTTP ${answer.status})`);
    if (answer.status !== 200)
      throw new AppTokenError('tenant_unknown', `Entra ID does not know this tenant (HTTP ${answer.status})`);
    const document = schema.parse(JSON.parse(answer.text));
    return {
      authorizationEndpoint: document.authorization_endpoint,
      tokenEndpoint: document.token_endpoint,
      issuer: document.issuer,
      jwksUri: document.jwks_uri,
    };
  } catch (error) {
    if (error instanceof NotSent || error instanceof NoAnswer) throw new AppTokenError('unreachable', error.message);
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      throw new AppTokenError('refused', 'Entra ID gave a description of the tenant that cannot be understood');
    }
    throw error;
  }
}
