/** A database of its own for each measurement, on a server that syncs as in production. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../scripts/migrations/migrate.ts';
import { place } from '../../scripts/services/place.ts';
import { freePorts } from '../../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../../scripts/services/postgres.ts';
import { cpuSeconds } from '../import/costs.ts';

export const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
export const CONNECTOR = '0d3f3f0e-93e5-4f60-8d1b-6a2f0e9c3b58';
export const VERSION = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';

const TEMPLATE = 'template_bench';

export interface Databases {
  /** for the file that is read */
  readonly folder: string;
  /** the address of a new database with the schema, an organization and a draft */
  open(): Promise<string>;
  /** the version of upload.ts, as if somebody had applied it and autovacuum had come by */
  putInForce(url: string): Promise<void>;
  /** processor seconds of PostgreSQL so far */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

export async function startDatabases(): Promise<Databases> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mapping-'));
  const { postgres: port } = await freePorts();
  const password = randomBytes(16).toString('hex');
  const postgres = postgresPart({ place: place(folder), port, password });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const urlOf = (database: string): string => postgresUrl(port, password, database);
  try {
    await postgres.start();
    await ensureDatabase(port, password, TEMPLATE);
    await migrate(urlOf(TEMPLATE));
    await asked(urlOf(TEMPLATE), async (client) => {
      await client.query(`INSERT INTO organization (id, name) VALUES ($1, 'Bench')`, [ORGANIZATION]);
      await client.query(
        `INSERT INTO connector (id, organization_id, kind, name, created_by) VALUES ($1, $2, 'android-archiver', 'Bench', 'bench')`,
        [CONNECTOR, ORGANIZATION],
      );
    });
  } catch (error) {
    await stop();
    throw error;
  }
  let count = 0;
  return {
    folder,
    stop,
    cpuSeconds: () => cpuSeconds(postgres.pid() ?? 0),
    async open() {
      count += 1;
      await asked(urlOf('postgres'), async (client) => {
        await client.query(`CREATE DATABASE bench_${count} TEMPLATE ${TEMPLATE}`);
        await client.query('CHECKPOINT');
      });
      return urlOf(`bench_${count}`);
    },
    putInForce: (url) =>
      asked(url, async (client) => {
        await client.query(`UPDATE mapping_version SET status = 'in_force' WHERE id = $1`, [VERSION]);
        await client.query('VACUUM ANALYZE mapping_row');
      }),
  };
}

async function asked(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
