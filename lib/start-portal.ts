/** What the portal does once, before its first request: its settings are read and checked, and its keys. */
import { database } from './db.ts';
import { EnvError, readEnv } from './env.ts';
import { log } from './log.ts';
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
    await watchKeyRing(database().pool, settings.ENCRYPTION_KEYS, log(), refuse);
  } catch (error) {
    if (error instanceof EnvError || error instanceof KeyRingRefusedError) return refuse(error);
    throw error;
  }
}

function refuse(error: Error): void {
  // Standard error and not the log: without settings there is none.
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
