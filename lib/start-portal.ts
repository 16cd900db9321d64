/** What the portal does once, before its first request: its settings are read and checked, the schema, and its keys. */
import { database, isDatabaseAway } from './db.ts';
import { EnvError, readEnv } from './env.ts';
import { log } from './log.ts';
import { admitSchema, admitSchemaOnceThere } from './schema/admit.ts';
import { isSchemaRefusal } from './schema/record.ts';
import { KeyRingRefusedError } from './security/key-use.ts';
import { watchKeyRing } from './security/key-watch.ts';
import { startTracing } from './tracing/start.ts';
import { tracing } from './tracing/tracing.ts';

/** Ends the process where it must not run, with a sentence that says why. */
export async function startPortal(): Promise<void> {
  try {
    const settings = await readEnv();
    await startTracing(settings, 'compliance-portal', () => log().warn('traces could not be sent'));
    const traces = tracing();
    // Next ends the process by itself; what is traced until then is sent meanwhile.
    if (traces) process.once('SIGTERM', () => void traces.stop());
    await lookAtSchema();
    await watchKeyRing(database().pool, settings.ENCRYPTION_KEYS, log(), refuse);
  } catch (error) {
    if (error instanceof EnvError || error instanceof KeyRingRefusedError || isSchemaRefusal(error))
      return refuse(error);
    throw error;
  }
}

/** A portal whose database is away starts, and says so on its pages; what it cannot look at now it looks at as soon as it can. */
async function lookAtSchema(): Promise<void> {
  const { pool } = database();
  try {
    await admitSchema(pool);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    admitSchemaOnceThere(pool, log()).catch(refuse);
  }
}

function refuse(error: Error): void {
  // Standard error and not the log: without settings there is none.
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
