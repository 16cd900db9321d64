/** `npm run verify-mailboxes`: reads the copies of some days back from their mailboxes. See docs/evidence.md. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mailFacts, microsoft } from '#lib/connectors/composition.ts';
import { database } from '#lib/db.ts';
import { EnvError, env } from '#lib/env.ts';
import { connectorsCalled, type VerifiedConnector } from '#lib/evidence/mailboxes/copies.ts';
import {
  type Asked,
  AskedWrongError,
  askedOf,
  exitCodeOf,
  lineOf,
  sentenceOf,
  tableOf,
  USAGE,
} from '#lib/evidence/mailboxes/report.ts';
import { type Told, verifyMailboxes } from '#lib/evidence/mailboxes/verify.ts';
import type { VerifyDeps } from '#lib/evidence/mailboxes/verify-copy.ts';
import { systemClock } from '#lib/imports/clock.ts';
import { postgresLedger } from '#lib/imports/ledger.ts';
import { AppTokenError } from '#lib/microsoft/app-token.ts';
import { createDownload } from '#lib/microsoft/download.ts';
import { createGraph } from '#lib/microsoft/graph.ts';

/** An attachment of 150 MB on a slow line. One that stands still ends sooner. */
const STREAM_SECONDS = 15 * 60;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const asked = askedOf(process.argv.slice(2));
  const { pool, prisma } = database();
  try {
    process.exitCode = await run(asked, await theConnector(asked.connector));
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
} catch (error) {
  process.exitCode = 2;
  if (error instanceof AskedWrongError) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof EnvError || error instanceof AppTokenError) console.error(error.message);
  else throw error;
}

async function theConnector(called: string): Promise<VerifiedConnector> {
  const found = await connectorsCalled(database().pool, env().ORGANIZATIONS, called);
  const [connector, ...others] = found;
  if (connector === undefined) throw new AskedWrongError(`No connector is called ${called}, and none has this id.`);
  if (others.length === 0) return connector;
  const ids = found.map(({ id, organizationId }) => `  ${id} of organization ${organizationId}`).join('\n');
  throw new AskedWrongError(`${found.length} connectors are called ${called}. Give the id of one:\n${ids}`);
}

async function run({ from, to, json }: Asked, connector: VerifiedConnector): Promise<number> {
  const { pool } = database();
  const graph = createGraph({ ...microsoft(), tenantId: connector.organizationId });
  const deps: VerifyDeps = {
    clock: systemClock,
    sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
    ledger: postgresLedger(pool),
    graph: () => graph,
    download: (tenantId) => createDownload({ ...microsoft(), tenantId }),
    mailFacts,
    requestSeconds: env().GRAPH_TIMEOUT_SECONDS,
    streamSeconds: STREAM_SECONDS,
  };
  const told: Told = (copy, verdict) => {
    const line = json ? lineOf(copy, verdict) : sentenceOf(copy, verdict);
    if (line !== null) console.log(line);
  };
  const summary = await verifyMailboxes({ ...deps, pool }, connector, { from, to }, told, stop.signal);
  console.log(json ? JSON.stringify({ summary }) : tableOf(connector, { from, to }, summary));
  return exitCodeOf(summary);
}
