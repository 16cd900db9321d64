/**
 * PostgreSQL. One pool a process: Prisma for records that people edit, the pool itself for the ledger's set-based SQL
 * (`lib/imports`), which Prisma cannot express.
 */
import { setTimeout } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { env } from './env.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { traceQueries } from './tracing/queries.ts';

/** The pool of this process. bigint columns arrive as strings unless a query casts them. */
export interface Database {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
}

/** A pool, or a client inside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * No statement takes so long by far, milliseconds. A database host that vanishes says nothing: without this its clients
 * would wait for as long as TCP hopes, and a job that waits keeps its work from every other worker.
 */
const QUERY_MS = 120_000;
const CONNECT_MS = 30_000;

/**
 * Opens a pool on a connection string. `close` it with `pool.end()` after `prisma.$disconnect()`.
 *
 * @param queryMs after which a statement is given up, and its connection with it
 */
export function openDatabase(connectionString: string, maxConnections = 20, queryMs = QUERY_MS): Database {
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    // What was given up is not to go on at the server.
    statement_timeout: queryMs,
    application_name: 'compliance-portal',
    // PostgreSQL's default is that of a turning disk: it would read a whole table where a few hundred keys are wanted.
    onConnect: async (client) => {
      await client.query('SET random_page_cost = 1.1');
      await holder.portalConnectionGuard?.(client);
    },
  });
  // An idle connection that breaks (a restart of PostgreSQL) is replaced at the next query; it must not end the process.
  pool.on('error', () => {});
  // Nor must one that breaks between two statements of a transaction: the next statement fails and is met by its caller.
  pool.on('connect', (client) => client.on('error', () => {}));
  traceQueries(pool);
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' }) };
}

// Next's development server evaluates modules anew at every change: keep one pool for the process.
const holder = globalThis as typeof globalThis & { portalDatabase?: Database; portalConnectionGuard?: ConnectionGuard };

/** Looks at a new connection before anything is asked on it. What it throws is what whoever wanted the connection gets. */
export type ConnectionGuard = (client: Queryable) => Promise<void>;

/** From now on every new connection of this process's pools is looked at first. */
export function guardConnections(guard: ConnectionGuard): void {
  holder.portalConnectionGuard = guard;
}

/** The database that DATABASE_URL names. */
export function database(): Database {
  holder.portalDatabase ??= openDatabase(env().DATABASE_URL);
  return holder.portalDatabase;
}

/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention (a shutdown, a start). */
const AWAY_STATES = /^(?:08|53|57P)/;
const AWAY_ERRNOS: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What pg says, which gives these no code. */
const AWAY_WORDS =
  /^Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|^Query read timeout/;

/**
 * Whether PostgreSQL could not be asked, which is no fault of the statement. Of an error that a query or a connection of
 * the pool threw.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  if (error instanceof pg.DatabaseError) return AWAY_STATES.test(error.code ?? '');
  return AWAY_ERRNOS.has(code) || AWAY_WORDS.test(error.message);
}

/** Deadlock and serialization failure: PostgreSQL undid everything, and asks for the same once more. */
const UNDONE: ReadonlySet<unknown> = new Set(['40P01', '40001']);
const ATTEMPTS = 4;

/**
 * Runs `work` in one transaction on the pool. Rolls back and rethrows when it throws.
 *
 * @param work may run several times, where PostgreSQL chose it to end a deadlock: it does nothing but ask `client`
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(pool, work);
    } catch (error) {
      const undone = error instanceof pg.DatabaseError && UNDONE.has(error.code);
      if (!undone || attempt === ATTEMPTS) throw error;
      await setTimeout(Math.random() * 50 * attempt);
    }
  }
}

async function once<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
