/**
 * Puts the parts of this process together from the environment: the one place where settings, clients and the database
 * meet the use-cases. Pages, the event stream and scripts take their parts from here.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { database } from '../db.ts';
import { env, identityAuthority } from '../env.ts';
import { limits } from '../limits/composition.ts';
import { log } from '../log.ts';
import type { MailFacts } from '../mail/plan.ts';
import { type AppCredential, type AppTokens, certificateCredential, createAppTokens } from '../microsoft/app-token.ts';
import type { MicrosoftHosts } from '../microsoft/clouds.ts';
import { configuredHosts } from '../microsoft/configured-hosts.ts';
import { consentStateKey } from '../microsoft/consent.ts';
import { discover } from '../microsoft/discovery.ts';
import { createGraph } from '../microsoft/graph.ts';
import { createTransport, type Transport } from '../microsoft/transport.ts';
import { enqueue } from '../queue/producer.ts';
import { consentAddress } from '../security/redirect-addresses.ts';
import type { StagingSettings } from '../staging/connect.ts';
import { findKind } from './catalogue.ts';
import { openTeleMessage } from './open-source.ts';
import type { SetUpParts } from './set-up/parts.ts';

interface Microsoft {
  readonly hosts: MicrosoftHosts;
  readonly transport: Transport;
  readonly tokens: AppTokens;
}

const holder = globalThis as typeof globalThis & { portalMicrosoft?: Microsoft; portalSetUp?: SetUpParts };

/** Microsoft's side of this process: one connection pool, one cache of tokens. */
export function microsoft(): Microsoft {
  holder.portalMicrosoft ??= buildMicrosoft();
  return holder.portalMicrosoft;
}

function buildMicrosoft(): Microsoft {
  const hosts = configuredHosts();
  const transport = createTransport({ headersTimeoutMs: env().GRAPH_TIMEOUT_SECONDS * 1000 });
  const tokens = createAppTokens({ hosts, clientId: env().ENTRA_CLIENT_ID, credential: appCredential(), transport });
  return { hosts, transport, tokens };
}

/** The certificate wins where both are configured: that is how an operator moves from one to the other. */
function appCredential(): AppCredential {
  const { ENTRA_CLIENT_CERTIFICATE: path, ENTRA_CLIENT_SECRET: secret } = env();
  return path === undefined ? { secret: secret ?? '' } : certificateCredential(readFileSync(path, 'utf8'));
}

/** What the use-cases of the wizard work with. */
export function setUpParts(): SetUpParts {
  holder.portalSetUp ??= {
    database: database(),
    keyRing: env().ENCRYPTION_KEYS,
    clock: () => new Date(),
    newId: () => randomUUID(),
    newNonce: () => randomBytes(24).toString('base64url'),
    sourceHost: new URL(env().TELEMESSAGE_URL).host,
    openSource: (kind, credentials, organizationId) =>
      openTeleMessage(limits(), env().TELEMESSAGE_URL, { organizationId, kind, credentials: async () => credentials }),
    tokens: microsoft().tokens,
    graphOf: (tenantId) => createGraph({ ...microsoft(), tenantId }),
    authorizationEndpointOf: async (tenantId) =>
      (await discover(microsoft().hosts, tenantId, microsoft().transport)).authorizationEndpoint,
    consent: {
      cloud: env().MICROSOFT_CLOUD,
      clientId: env().ENTRA_CLIENT_ID,
      scope: microsoft().hosts.graphScope,
      redirectUri: consentAddress(env().NEXTAUTH_URL),
      stateKey: consentStateKey(env().NEXTAUTH_SECRET),
    },
    unmappedDomain: env().UNMAPPED_DOMAIN,
    enqueue,
    log: log(),
  };
  return holder.portalSetUp;
}

/** Where sealed content lies. */
export function stagingSettings(): StagingSettings {
  const {
    AZURE_STORAGE_CONNECTION_STRING: connectionString,
    AZURE_STORAGE_ACCOUNT_URL: accountUrl,
    STAGING_CONTAINER: container,
  } = env();
  if (connectionString !== undefined) return { container, connectionString };
  return { container, accountUrl: accountUrl ?? '', authorityHost: identityAuthority(env()) };
}

/** What the catalogue says of a kind's mail. @throws RangeError for a kind that is not in it */
export function mailFacts(kind: string): MailFacts & { readonly folderName: string } {
  const facts = findKind(kind);
  if (!facts) throw new RangeError(`no connector kind ${kind} in the catalogue`);
  return { ...facts.mail, folderName: facts.folder };
}
