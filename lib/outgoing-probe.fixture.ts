/**
 * For `outgoing.integration.test.ts`: every client of the product that speaks HTTPS asks a host for something, in a process
 * of its own, because what it trusts and which way it goes is read from the environment. Prints what each met.
 *
 *   node lib/outgoing-probe.fixture.ts <port> <domain>
 */
import { Issuer } from 'openid-client';
import { reach } from './archive/telemessage/reach.ts';
import { telemessageSource } from './archive/telemessage/source.ts';
import { createAppTokens } from './microsoft/app-token.ts';
import { microsoftHosts } from './microsoft/clouds.ts';
import { createTransport } from './microsoft/transport.ts';
import { askFor, createWeb } from './notifications/web.ts';
import { sendByProxy } from './outgoing.ts';
import { keyVault } from './security/secret-sources.ts';
import { containerClient } from './staging/connect.ts';

const [port = '', domain = ''] = process.argv.slice(2);
sendByProxy(process.env);

const hostOf = (name: string): string => `${domain === 'localhost' ? domain : `${name}.${domain}`}:${port}`;
const urlOf = (name: string): string => `https://${hostOf(name)}`;
const transport = createTransport();
const limit = (): AbortSignal => AbortSignal.timeout(3_000);
const web = createWeb(
  domain === 'localhost' ? { hosts: [], privateHosts: [hostOf('')] } : { hosts: [hostOf('hook')], privateHosts: [] },
);
const vault = keyVault({
  credential: { getToken: async () => ({ token: 'a token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
  options: { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } },
});
const entra = createAppTokens({
  hosts: microsoftHosts('public', { authority: urlOf('entra') }),
  clientId: '00000000-0000-4000-8000-000000000000',
  credential: { secret: 'a secret' },
  transport,
});
const connectionString = `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=YQ==;BlobEndpoint=${urlOf('blob')}/a`;

const CLIENTS: Readonly<Record<string, () => Promise<unknown>>> = {
  graph: () => transport(urlOf('graph'), { method: 'GET', headers: {} }),
  entra: () => entra.token('00000000-0000-4000-8000-000000000001'),
  // Sign-in: next-auth's client.
  signin: () => Issuer.discover(urlOf('signin')),
  telemessage: () =>
    telemessageSource({
      baseUrl: urlOf('telemessage'),
      kind: 'android-archiver',
      credentials: async () => ({ username: 'u', password: 'p' }),
    }).account(limit()),
  reach: async () => {
    const { reached } = await reach(urlOf('reach'), limit());
    if (!reached) throw new Error('not reached');
  },
  blob: () => containerClient({ container: 'staging', connectionString }).exists({ abortSignal: limit() }),
  vault: () => vault(hostOf('vault'), 'database', undefined),
  hook: () => web.send(`${urlOf('hook')}/hook`, { method: 'POST', body: '{}' }),
  heartbeat: () => askFor(urlOf('heartbeat')),
};

// What comes back is no client's liking: which requests arrive, and by which way, is seen at the other end.
await Promise.allSettled(Object.values(CLIENTS).map((ask) => ask()));
process.exit(0);
