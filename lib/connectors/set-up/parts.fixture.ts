/** The wizard's parts for integration tests: a database of the test's own, and a sandbox cloud at the other end. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Tenant } from '#sandbox/world/people.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import type { SandboxAddresses } from '#scripts/services/environment.ts';
import { telemessageSource } from '../../archive/telemessage/source.ts';
import { type Database, openDatabase } from '../../db.ts';
import { createAppTokens } from '../../microsoft/app-token.ts';
import { microsoftHosts } from '../../microsoft/clouds.ts';
import { consentStateKey } from '../../microsoft/consent.ts';
import { discover } from '../../microsoft/discovery.ts';
import { createGraph } from '../../microsoft/graph.ts';
import { createTransport } from '../../microsoft/transport.ts';
import type { Actor } from '../../security/actor.ts';
import { parseKeyRing } from '../../security/keyring.ts';
import type { Role } from '../../security/roles.ts';
import type { SetUpParts } from './parts.ts';

export interface TestParts extends SetUpParts {
  readonly database: Database;
  /** jobs that were asked for, in order */
  readonly jobs: { readonly name: string; readonly connectorId: string | undefined }[];
  close(): Promise<void>;
}

export const REDIRECT_URI = 'http://localhost:3999/api/consent/callback';

export function openTestParts(connectionString: string, sandbox: SandboxAddresses): TestParts {
  const database = openDatabase(connectionString, 5);
  const transport = createTransport();
  const hosts = microsoftHosts('public', { graphUrl: sandbox.graph, authority: sandbox.entra });
  const credential = { secret: portalApp.clientSecret };
  const tokens = createAppTokens({ hosts, clientId: portalApp.clientId, credential, transport });
  const jobs: TestParts['jobs'] = [];
  return {
    database,
    jobs,
    keyRing: parseKeyRing(`test:${randomBytes(32).toString('base64')}`),
    clock: () => new Date(),
    newId: () => randomUUID(),
    newNonce: () => randomBytes(24).toString('base64url'),
    sourceHost: new URL(sandbox.telemessage).host,
    openSource: (kind, credentials) =>
      telemessageSource({ baseUrl: sandbox.telemessage, kind, credentials: async () => credentials }),
    tokens,
    graphOf: (tenantId) => createGraph({ hosts, tokens, tenantId, transport }),
    authorizationEndpointOf: async (tenantId) => (await discover(hosts, tenantId, transport)).authorizationEndpoint,
    consent: {
      cloud: 'public',
      clientId: portalApp.clientId,
      scope: hosts.graphScope,
      redirectUri: REDIRECT_URI,
      stateKey: consentStateKey(randomBytes(32).toString('hex')),
    },
    unmappedDomain: 'mobile.invalid',
    enqueue: async (name, data) => {
      jobs.push({ name, connectorId: 'connectorId' in data ? data.connectorId : undefined });
    },
    log: pino({ level: 'silent' }),
    async close() {
      await database.prisma.$disconnect();
      await database.pool.end();
    },
  };
}

/** A person of the sandbox with the role given. */
export function actorOf(tenant: Tenant, givenName: string, roles: readonly Role[] = ['DataConnectors.Admin']): Actor {
  const person = tenant.people.find((one) => one.givenName === givenName);
  if (person === undefined) throw new RangeError(`nobody is called ${givenName}`);
  const { id: userId, displayName: name, userPrincipalName: address } = person;
  return { organizationId: tenant.id, userId, name, address, roles };
}

/** What somebody's browser does with a consent link. @returns the query of the answer */
export async function answerConsent(
  url: string,
  personId: string,
  decision: 'accept' | 'cancel',
): Promise<URLSearchParams> {
  const page = new URL(url);
  page.searchParams.set('by', personId);
  const answer = await fetch(page, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new RangeError(`the consent page answered ${answer.status}`);
  return new URL(location).searchParams;
}
