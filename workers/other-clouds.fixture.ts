/**
 * For tests: the product in another of Microsoft's clouds. The sandbox has the cloud's own names, a proxy leads them to it, and no
 * address of Microsoft is set. Whoever asks another name gets no answer.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AccountSASPermissions,
  BlobServiceClient,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { z } from 'zod';
import { environmentOfProbe, startConnectProxy } from '#lib/connect-proxy.fixture.ts';
import { people } from '#lib/imports/scripted-source.fixture.ts';
import { type MicrosoftCloud, microsoftHosts } from '#lib/microsoft/clouds.ts';
import { signInOptions } from '#lib/security/sign-in.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person } from '#sandbox/world/people.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { startTestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection } from '#testing/services.ts';
import { errorsIn, installation, until } from './installation.fixture.ts';
import { largeSite } from './large-site.fixture.ts';

const [anna] = people as readonly [Person];
/** More than fits into one request, so that it is uploaded in parts, to the address that the cloud names. */
const ATTACHMENT_MB = 4;

const nobody = async (): Promise<never> => {
  throw new Error('no portal is asked here');
};

/** Where the portal's sign-in finds Entra ID. It is a module of CommonJS that Node takes otherwise than Next and these tests do. */
function discoveryOf(cloud: MicrosoftCloud, clientSecret: string): string {
  const { providers } = signInOptions({
    portalUrl: 'http://localhost:3999',
    organizations: [alderByrne.id],
    authority: microsoftHosts(cloud).authority,
    clientId: portalApp.clientId,
    clientSecret,
    secret: 'of no portal',
    welcome: nobody,
    begin: nobody,
    end: nobody,
    actorOf: nobody,
    refused: () => {},
  });
  // The library lays what is given over its own, which names the public cloud.
  return z.object({ wellKnown: z.string() }).parse(providers[0]?.options).wellKnown;
}

/** The account's key is printed in this project: where a host is not this machine, the product refuses it. */
function storageWithoutKey(): string {
  const { url, credential } = BlobServiceClient.fromConnectionString(testBlobConnection().connectionString);
  if (!(credential instanceof StorageSharedKeyCredential)) throw new Error('Azurite has an account key');
  const signature = generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: AccountSASPermissions.parse('rwdlcx'),
      services: 'b',
      resourceTypes: 'sco',
    },
    credential,
  );
  return `BlobEndpoint=${url};SharedAccessSignature=${signature}`;
}

interface Seen {
  /** what consent was asked for and whether it was proven, who issued the sign-in and for whom */
  readonly probe: unknown;
  /** the only copy that is owed, and why its connector stopped */
  readonly delivery: string | null;
  readonly stopped: string | null;
  /** of the worker's log */
  readonly errors: readonly string[];
  /** host:port of all that was asked beyond this machine */
  readonly asked: readonly string[];
}

/**
 * An administrator consents and signs in, and a worker imports one message with a large attachment.
 *
 * @param hosts of the cloud
 */
export async function importIn(
  cloud: MicrosoftCloud,
  hosts: { readonly entra: string; readonly graph: string; readonly uploads: string },
): Promise<Seen> {
  // As the account's key.
  const secret = randomBytes(20).toString('hex');
  const sandbox = await startTestSandbox({ SANDBOX_CLOUD: cloud, SANDBOX_CLIENT_SECRET: secret });
  const portOf = (url: string): number => Number(new URL(url).port);
  const proxy = await startConnectProxy({
    [`${hosts.entra}:443`]: portOf(sandbox.entra),
    [`${hosts.graph}:443`]: portOf(sandbox.graph),
    [`${hosts.uploads}:443`]: portOf(sandbox.graph),
  });
  const way = {
    ...{ HTTPS_PROXY: proxy.url, https_proxy: proxy.url },
    ...{ NO_PROXY: 'localhost,127.0.0.1', no_proxy: 'localhost,127.0.0.1' },
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
  };
  const site = await largeSite(anna, ATTACHMENT_MB);
  const place = await installation(sandbox, {
    ...way,
    MICROSOFT_CLOUD: cloud,
    GRAPH_URL: '',
    ENTRA_AUTHORITY: '',
    ENTRA_CLIENT_SECRET: secret,
    AZURE_STORAGE_CONNECTION_STRING: storageWithoutKey(),
    TELEMESSAGE_URL: site.baseUrl,
    RECONCILE_SECONDS: '1',
  });
  const now = async (): Promise<Pick<Seen, 'delivery' | 'stopped' | 'errors'>> => {
    const { rows } = await place.pool.query<Pick<Seen, 'delivery' | 'stopped'>>(
      `SELECT (SELECT string_agg(state::text, ' ') FROM delivery) AS delivery, stopped_reason AS stopped FROM connector`,
    );
    const [{ delivery, stopped } = { delivery: null, stopped: null }] = rows;
    return { delivery, stopped, errors: errorsIn(place) };
  };
  try {
    let ended = false;
    void place.start().gone.then(() => {
      ended = true;
    });
    const probe = join(import.meta.dirname, 'other-clouds-probe.fixture.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [probe, cloud, discoveryOf(cloud, secret)], {
      env: { ...environmentOfProbe(), ...way, ENTRA_CLIENT_SECRET: secret },
    });
    await until(async () => {
      const { delivery, stopped, errors } = await now();
      return ended || errors.length > 0 || stopped !== null || delivery === 'imported';
    });
    return {
      probe: JSON.parse(stdout),
      ...(await now()),
      asked: [...new Set(proxy.tunnels)].toSorted(),
    };
  } finally {
    await place.close();
    await site.stop();
    proxy.stop();
    await sandbox.stop();
  }
}

/** What has to be seen. */
export function allOf(hosts: { readonly entra: string; readonly graph: string; readonly uploads: string }): Seen {
  return {
    probe: {
      consented: `https://${hosts.graph}/.default`,
      issuer: `https://${hosts.entra}/${alderByrne.id}/v2.0`,
      name: 'Grace Adeyemi',
      proven: true,
    },
    delivery: 'imported',
    stopped: null,
    errors: [],
    asked: Object.values(hosts)
      .map((host) => `${host}:443`)
      .toSorted(),
  };
}
