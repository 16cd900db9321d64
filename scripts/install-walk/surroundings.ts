/** What the reader of the guide has already: an address of the source, a database server, a Redis, a storage, Microsoft, TeleMessage. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { type Cloud, startCloud } from '../chaos/cloud.ts';
import { type Services, startServices } from '../chaos/services.ts';
import { PROJECT } from '../services/place.ts';
import { freePort } from '../services/ports.ts';
import type { Placeholder, Variable } from './answers.ts';

/** The user nobody of Debian. Only root may start a process as somebody else. */
export const READER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export interface Surroundings {
  /** empty, and the reader's own */
  readonly folder: string;
  readonly home: string;
  readonly cloud: Cloud;
  readonly services: Services;
  readonly ports: { readonly portal: number; readonly workerHealth: number };
  /** PEM with this machine's own authorities and the sandbox's */
  readonly authorities: string;
  /** of the database's administrator */
  readonly administratorPassword: string;
  /** for what the guide leaves open, by what stands in `<…>` */
  readonly placeholders: Readonly<Record<Placeholder, string>>;
  /** for the variables of the guide's table */
  readonly variables: Readonly<Record<Variable, string>>;
  stop(): Promise<void>;
}

export async function surroundings(): Promise<Surroundings> {
  const around = mkdtempSync(join(tmpdir(), 'walk-'));
  chmodSync(around, 0o755);
  const stops: (() => Promise<void>)[] = [async () => rmSync(around, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const services = await startServices(join(around, 'services'), join(PROJECT, '.test', 'chaos', 'tools'));
    stops.push(() => services.stop());
    const cloud = await startCloud(join(around, 'cloud'), {});
    stops.push(() => cloud.stop());
    const ports = { portal: await freePort(), workerHealth: await freePort() };
    const named = (name: string): string => join(around, name);
    const [folder, home, repository] = [named('empty'), named('home'), named('source.git')] as const;
    for (const path of [folder, home, repository]) mkdirSync(path);
    publish(repository);
    // Git takes nothing from a folder of somebody else.
    for (const path of [folder, home, repository]) give(path);
    const authorities = join(around, 'authorities.pem');
    const own = process.env.NODE_EXTRA_CA_CERTS;
    const files = [...(own ? [own] : []), cloud.addresses.caFile];
    writeFileSync(authorities, files.map((file) => readFileSync(file, 'utf8')).join('\n'));
    return {
      ...{ folder, home, cloud, services, ports, authorities, stop },
      administratorPassword: decodeURIComponent(new URL(services.databaseUrl('postgres')).password),
      placeholders: {
        'address of the repository': repository,
        'database host': '127.0.0.1',
        address: 'grace.adeyemi@alderbyrne.example',
      },
      variables: {
        REDIS_URL: services.redisUrl(),
        AZURE_STORAGE_CONNECTION_STRING: services.blobConnection(),
        AZURE_STORAGE_ACCOUNT_URL: '',
        TELEMESSAGE_URL: cloud.addresses.telemessage,
        MICROSOFT_CLOUD: 'public',
        ENTRA_CLIENT_ID: portalApp.clientId,
        ENTRA_CLIENT_SECRET: portalApp.clientSecret,
        // Some day after this one.
        ENTRA_CLIENT_SECRET_EXPIRES: new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10),
        ENTRA_CLIENT_CERTIFICATE: '',
        ORGANIZATIONS: alderByrne.id,
        NEXTAUTH_URL: `http://localhost:${ports.portal}`,
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The source as it is now, committed or not, without files that Git does not know, as a repository that somebody may clone. */
function publish(repository: string): void {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' }).trim();
  const commit = git('stash', 'create') || git('rev-parse', 'HEAD');
  git('init', '--quiet', '--bare', '--initial-branch=main', repository);
  git('push', '--quiet', repository, `${commit}:refs/heads/main`);
}

function give(path: string): void {
  if (READER.uid === undefined) return;
  chownSync(path, READER.uid, READER.gid);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true }))
    chownSync(join(entry.parentPath, entry.name), READER.uid, READER.gid);
}
