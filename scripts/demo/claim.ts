/** One demo at a time uses a folder of data. */
import { rmSync } from 'node:fs';
import { PartError } from '../services/part.ts';
import type { Place } from '../services/place.ts';
import { recordedProcess, recordProcess } from '../services/proc.ts';

/**
 * Claims the folder for this process; call what it returns to give it back. The claim of a process that is gone counts
 * for nothing.
 * @throws PartError when another demo runs on it
 */
export function claimFolder(place: Place): () => void {
  const file = place.run('demo');
  const holder = recordedProcess(file);
  if (holder !== undefined) {
    throw new PartError(`The demo runs here already (process ${holder}). Stop it with Ctrl-C in its terminal first.`);
  }
  recordProcess(file, process.pid);
  return () => rmSync(file, { force: true });
}
