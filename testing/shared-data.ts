/** Data sets of others that tests read where they lie, beside the project; they are no part of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';

const FOLDER = resolve(import.meta.dirname, '../../shared/data');

export interface DataSet {
  readonly isThere: boolean;
  /** names of the files of one of its folders; none where it is not there */
  names(folder: string): readonly string[];
  bytes(path: string): Uint8Array;
  json(path: string): unknown;
}

export function sharedData(name: string): DataSet {
  const folder = join(FOLDER, name);
  const isThere = existsSync(folder);
  return {
    isThere,
    names: (inside) => (isThere ? readdirSync(join(folder, inside)).toSorted() : []),
    bytes: (path) => readFileSync(join(folder, path)),
    json: (path) => JSON.parse(readFileSync(join(folder, path), 'utf8')),
  };
}

/** A suite that needs a data set. Where it is not there the run says so and counts the suite as skipped. */
export function describeWithData(name: string, define: (data: DataSet) => void): void {
  const data = sharedData(name);
  if (!data.isThere) console.warn(`Skipped: ${name} is not there (${FOLDER})`);
  describe.skipIf(!data.isThere)(`${name} (needs ../shared/data)`, () => define(data));
}
