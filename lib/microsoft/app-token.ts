/**
 * The application's own tokens (client credentials), one msal client per tenant, with its cache.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
import { X509Certificate } from 'node:crypto';
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { isMicrosoftHost, type MicrosoftHosts } from './clouds.ts';
import { msalNetwork, type Outage } from './msal-network.ts';
import type { Transport } from './transport.ts';

/** How the application proves itself: a secret, or a certificate (preferred in production). */
export type AppCredential =
  | { readonly secret: string }
  | { readonly certificate: { readonly thumbprintSha256: string; readonly privateKey: string; readonly x5c?: string } };

/**
 * The credential in a PEM file that holds certificate and private key, as `ENTRA_CLIENT_CERTIFICATE` names one.
 *
 * @throws RangeError where one of the two is missing
 */
export function certificateCredential(pem: string): AppCredential {
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0];
  const privateKey = /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (certificate === undefined || privateKey === undefined)
    throw new RangeError('the file must hold a certificate and its private key');
  const thumbprintSha256 = new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
  return { certificate: { thumbprintSha256, privateKey, x5c: certificate } };
}

export interface AppToken {
  /** a secret: goes into the Authorization header and nowhere else */
  readonly accessToken: string;
  /** application permissions that the tenant has consented to: `Mail.ReadWrite`, … */
  readonly roles: readonly string[];
  /** the tenant that the token is for, as the token says it */
  readonly tenantId: string | null;
  /** object id of the application's service principal (enterprise application) in that tenant */
  readonly objectId: string | null;
}

export interface AppTokens {
  readonly clientId: string;
  /**
   * @param fresh true asks Entra ID even where the cache holds a token: after a consent the cached one lacks its roles
   * @throws AppTokenError
   */
  token(tenantId: string, options?: { readonly fresh?: boolean }): Promise<AppToken>;
}

export type AppTokenFailure =
  /** AADSTS7000215, 7000222, 700027: secret or certificate wrong or expired. The operator's */
  | 'credential_refused'
  /** AADSTS700016, 7000112, 650052: the application is not in that tenant or disabled: consent is missing */
  | 'app_not_in_tenant'
  /** AADSTS90002, 900023: no such tenant */
  | 'tenant_unknown'
  | 'throttled'
  | 'unreachable'
  /** another code of Entra ID: a policy of the tenant, mostly */
  | 'refused'
  /** no code of Entra ID: an answer that msal cannot use */
  | 'unexpected';

/** Why there is no token. The message carries Entra ID's code, no secret. */
export class AppTokenError extends Error {
  override name = 'AppTokenError';
  readonly failure: AppTokenFailure;
  constructor(failure: AppTokenFailure, message: string) {
    super(message);
    this.failure = failure;
  }
  get kind(): 'transient' | 'customer' | 'ours' {
    if (this.failure === 'throttled' || this.failure === 'unreachable') return 'transient';
    return this.failure === 'credential_refused' || this.failure === 'unexpected' ? 'ours' : 'customer';
  }
}

export interface AppTokenSettings {
  readonly hosts: MicrosoftHosts;
  readonly clientId: string;
  readonly credential: AppCredential;
  readonly transport: Transport;
}

/** A token is not used in its last minutes: as long as msal's own cache renews it before its end. */
const RENEW_BEFORE_MS = 300_000;

export function createAppTokens(settings: AppTokenSettings): AppTokens {
  const clients = new Map<string, TenantClient>();
  // msal's cache takes longer to ask than a message takes to make, and every request asks.
  const held = new Map<string, { readonly token: AppToken; readonly until: number }>();
  const underway = new Map<string, Promise<AppToken>>();

  function clientOf(tenantId: string): TenantClient {
    const known = clients.get(tenantId);
    if (known !== undefined) return known;
    const client = createClient(settings, tenantId);
    clients.set(tenantId, client);
    return client;
  }

  async function ask(tenantId: string, fresh: boolean): Promise<AppToken> {
    const client = clientOf(tenantId);
    try {
      const result = await client.msal.acquireTokenByClientCredential({
        scopes: [settings.hosts.graphScope],
        skipCache: fresh,
      });
      if (result === null) throw new AppTokenError('unexpected', 'Entra ID gave no token');
      const token = { accessToken: result.accessToken, ...claimsOf(result.accessToken) };
      held.set(tenantId, { token, until: (result.expiresOn?.getTime() ?? 0) - RENEW_BEFORE_MS });
      return token;
    } catch (error) {
      throw errorOf(error, client.outage());
    }
  }

  return {
    clientId: settings.clientId,
    async token(tenantId, { fresh = false } = {}) {
      const known = held.get(tenantId);
      if (known !== undefined && !fresh && Date.now() < known.until) return known.token;
      // msal asks once per caller while its cache is empty: a worker that starts would send dozens of equal requests.
      const key = `${tenantId} ${fresh}`;
      const running = underway.get(key);
      if (running !== undefined) return running;
      const asked = ask(tenantId, fresh).finally(() => underway.delete(key));
      underway.set(key, asked);
      return asked;
    },
  };
}

interface TenantClient {
  readonly msal: ConfidentialClientApplication;
  /** what the last request met */
  readonly outage: () => Outage | null;
}

function createClient(settings: AppTokenSettings, tenantId: string): TenantClient {
  const { hosts, clientId, credential, transport } = settings;
  const host = new URL(hosts.authority).host;
  let outage: Outage | null = null;
  const networkClient = msalNetwork(transport, (met) => {
    outage = met;
  });
  const msal = new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: `${hosts.authority}/${tenantId}`,
      ...(isMicrosoftHost(host) ? {} : { knownAuthorities: [host] }),
      ...('secret' in credential
        ? { clientSecret: credential.secret }
        : { clientCertificate: { ...credential.certificate } }),
    },
    system: { networkClient, disableInternalRetries: true },
  });
  return { msal, outage: () => outage };
}

const claimsSchema = z.object({
  roles: z.array(z.string()).catch([]),
  tid: z.string().nullable().catch(null),
  oid: z.guid().nullable().catch(null),
});

/** Microsoft may change the format of its tokens at any time: what cannot be read has no roles. */
function claimsOf(accessToken: string): Omit<AppToken, 'accessToken'> {
  try {
    const claims = claimsSchema.parse(decodeJwt(accessToken));
    return { roles: claims.roles, tenantId: claims.tid, objectId: claims.oid };
  } catch {
    return { roles: [], tenantId: null, objectId: null };
  }
}

const FAILURE_BY_AADSTS: Readonly<Record<string, AppTokenFailure>> = {
  '7000215': 'credential_refused',
  '7000222': 'credential_refused',
  '700027': 'credential_refused',
  '700016': 'app_not_in_tenant',
  '7000112': 'app_not_in_tenant',
  '650052': 'app_not_in_tenant',
  '90002': 'tenant_unknown',
  '900023': 'tenant_unknown',
  '50196': 'throttled',
  '90033': 'unreachable',
};

function errorOf(error: unknown, outage: Outage | null): AppTokenError {
  if (error instanceof AppTokenError) return error;
  const message = error instanceof AuthError ? error.message : '';
  const aadsts = /AADSTS(\d+)/.exec(message)?.[1];
  const known = aadsts === undefined ? undefined : FAILURE_BY_AADSTS[aadsts];
  if (known !== undefined) return new AppTokenError(known, `Entra ID refused a token (AADSTS${aadsts})`);
  if (outage !== null) return new AppTokenError(outage.kind, outage.message);
  if (aadsts !== undefined) return new AppTokenError('refused', `Entra ID refused a token (AADSTS${aadsts})`);
  const code = error instanceof AuthError ? error.errorCode : 'no answer that can be used';
  if (code === 'invalid_client')
    return new AppTokenError('credential_refused', 'Entra ID refused a token (invalid_client)');
  return new AppTokenError('unexpected', `Entra ID gave no token (${code})`);
}
