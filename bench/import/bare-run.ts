/** Runs the bare loop against a cloud, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { PROJECT } from '../../scripts/services/place.ts';
import { type BareResult, type BareTask, bareResultSchema } from './bare-loop.ts';
import { person } from './people.ts';
import type { Cloud } from './site.ts';

const FOLDER = 'Android Archiver';
const tokenSchema = z.object({ access_token: z.string() });
const folderSchema = z.object({ id: z.string() });

/** Graph as a script uses it: a token, and a folder in every mailbox. */
export interface GraphAccess {
  readonly url: string;
  readonly token: string;
  readonly targets: BareTask['targets'];
  readonly dispatcher: Agent;
}

export async function accessGraph({ env, people }: Cloud): Promise<GraphAccess> {
  const dispatcher = new Agent({ connections: 32 });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: env.ENTRA_CLIENT_ID ?? '',
    client_secret: env.ENTRA_CLIENT_SECRET ?? '',
    scope: 'https://graph.microsoft.com/.default',
  });
  const signedIn = await request(`${env.ENTRA_AUTHORITY}/${alderByrne.id}/oauth2/v2.0/token`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const { access_token: token } = tokenSchema.parse(await signedIn.body.json());
  const url = env.GRAPH_URL ?? '';
  const targets = await Promise.all(
    Array.from({ length: people }, async (_, at) => {
      const { id: user } = person(at);
      const made = await request(`${url}/v1.0/users/${user}/mailFolders`, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ displayName: FOLDER }),
      });
      return { user, folder: folderSchema.parse(await made.body.json()).id };
    }),
  );
  return { url, token, targets, dispatcher };
}

export async function runBare(cloud: Cloud, mode: BareTask['mode']): Promise<BareResult> {
  const access = await accessGraph(cloud);
  const { env } = cloud;
  const task: BareTask = {
    mode,
    feed: env.TELEMESSAGE_URL ?? '',
    graph: access.url,
    token: access.token,
    targets: access.targets,
    database: env.DATABASE_URL ?? '',
    blob: env.AZURE_STORAGE_CONNECTION_STRING ?? '',
    container: `bare-${mode}-${env.STAGING_CONTAINER}`,
    keys: env.ENCRYPTION_KEYS ?? '',
    caFile: env.NODE_EXTRA_CA_CERTS ?? '',
    items: cloud.items,
  };
  const child = spawn(process.execPath, ['bench/import/bare-loop.ts'], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(task));
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  await access.dispatcher.close();
  return bareResultSchema.parse(JSON.parse(said));
}
