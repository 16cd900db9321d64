/**
 * `npm run demo`: the whole product on this machine, against the sandbox cloud. The second run finds the data of the
 * first in `.data`, or in the folder that `DEMO_FOLDER` names.
 */

import { MigrationError, NewerSchemaError } from '#lib/schema/record.ts';
import { buildPortal } from './build.ts';
import { claimFolder } from './demo/claim.ts';
import { runSampleConnector } from './demo/sample.ts';
import { statusLines } from './demo/status.ts';
import { welcome } from './demo/welcome.ts';
import { installation } from './services/installation.ts';
import { PartError } from './services/part.ts';
import { place } from './services/place.ts';
import { demoPorts } from './services/ports.ts';
import { keptSecrets } from './services/secrets.ts';

const DIST_DIR = process.env.NEXT_DIST_DIR ?? '.next';

const home = place(process.env.DEMO_FOLDER ?? '.data');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice wants it now: the parts end with this process.
    if (interruption.signal.aborted) process.exit(130);
    console.log('\n  Stopping…');
    interruption.abort();
  });
}

try {
  await demo(interruption.signal);
} catch (error) {
  if (!interruption.signal.aborted) {
    console.error(`\n  ${isSentence(error) ? error.message : error}`);
    process.exitCode = 1;
  }
}

async function demo(interrupted: AbortSignal): Promise<void> {
  const release = claimFolder(home);
  const status = statusLines();
  console.log('\n  Compliance portal\n');
  try {
    const ports = await demoPorts(process.env);
    const secrets = keptSecrets(home.data('secrets.json'));
    status.begin('Build');
    const built = await buildPortal(DIST_DIR, interrupted);
    status.done('Build', built ? 'made for production' : 'up to date');

    const installed = installation({ place: home, ports, secrets, distDir: DIST_DIR });
    const broken = new Promise<string>((resolve) => installed.onUnexpectedExit(resolve));
    const asked = new Promise<undefined>((resolve) => {
      interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    try {
      await Promise.race([installed.start(status), asked]);
      if (!interrupted.aborted) {
        await Promise.race([runSampleConnector(installed, status, home, interrupted), asked, broken]);
      }
      if (!interrupted.aborted) console.log(welcome(installed.addresses.portal, installed.addresses.sandbox.http));
      const description = await Promise.race([asked, broken]);
      if (description) throw new PartError(description);
    } finally {
      await installed.stop();
    }
  } finally {
    release();
  }
}

function isSentence(error: unknown): error is Error {
  return error instanceof PartError || error instanceof MigrationError || error instanceof NewerSchemaError;
}
