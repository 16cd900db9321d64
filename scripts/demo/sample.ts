/** Has the first sample connector set up and shows how far its first import is. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Installation } from '../services/installation.ts';
import { endsWithParent } from '../services/part.ts';
import type { Place } from '../services/place.ts';
import type { Status } from './status.ts';

const STEP = 'Sample connector';

/**
 * Runs sample-connector.ts in a process with the environment of a worker: each line that it prints says what it is at,
 * the last one how it ended. Where it fails, the demo goes on: everything can be done by hand as well.
 */
export function runSampleConnector(
  installed: Installation,
  status: Status,
  place: Place,
  interrupted: AbortSignal,
): Promise<void> {
  status.begin(STEP);
  const script = join(import.meta.dirname, 'sample-connector.ts');
  const [command = process.execPath, ...args] = [...endsWithParent(), process.execPath, script];
  const child = spawn(command, args, {
    env: { ...process.env, ...installed.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: interrupted,
  });
  const log = place.log('sample-connector');
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    status.update(STEP, line);
  });
  child.stderr.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('close', (code) => {
      if (code === 0) status.done(STEP, last);
      else if (!interrupted.aborted) status.fail(STEP, `was not set up. ${log} says why.`);
      resolve();
    });
  });
}
