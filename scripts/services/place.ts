/** Where an installation on this machine keeps its things: `.data` for the demo, a folder of `.test` for tests. */
import { join, resolve } from 'node:path';

/** Folder of the project. */
export const PROJECT = resolve(import.meta.dirname, '../..');

export interface Place {
  /** absolute path; everything below belongs to this installation */
  readonly root: string;
  /** data of one part: `data('postgres')` */
  data(part: string): string;
  log(part: string): string;
  run(part: string): string;
}

export function place(root: string): Place {
  const base = resolve(PROJECT, root);
  return {
    root: base,
    data: (part) => join(base, part),
    log: (part) => join(base, 'logs', `${part}.log`),
    run: (part) => join(base, 'run', `${part}.json`),
  };
}
