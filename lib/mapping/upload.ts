/**
 * Storing an uploaded file as a proposed version: read, checked and written in one transaction, in bounded memory. The
 * mapping in force is not touched.
 */
import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction } from '../db.ts';
import { sha256Of } from './file-digest.ts';
import {
  type FileRefusal,
  type MappingFileOptions,
  type MappingRow,
  type RowError,
  readMappingFile,
} from './mapping-file.ts';
import { insertRows, withdrawRows } from './store/rows.ts';
import { beginVersion, countRows, type NewVersion, numberVersion } from './store/versions.ts';

export interface Upload extends Omit<NewVersion, 'fileSha256'> {
  readonly bytes: Uint8Array;
  readonly options: MappingFileOptions;
  /** as many erroneous rows as the administrator was shown and chose to go on without; 0: nobody chose */
  readonly leaveOut: number;
  /** called with all errors, for a list to download; the first 100 are in the result */
  readonly onErrors?: (errors: readonly RowError[]) => void | Promise<void>;
  /**
   * called when the file's rows are written, in their transaction: the place to add others. Throws to store nothing
   *
   * @returns how many rows the version has then
   */
  readonly complete?: (client: pg.PoolClient, file: WrittenFile) => Promise<number>;
}

/** The rows of a file, written into a version that is not finished. */
export interface WrittenFile {
  /** the version's */
  readonly number: number;
  readonly rowCount: number;
  readonly leftOutCount: number;
  readonly fileSha256: Uint8Array;
}

export type UploadResult =
  | {
      readonly kind: 'stored';
      readonly versionId: string;
      readonly number: number;
      readonly rowCount: number;
      readonly leftOutCount: number;
      readonly fileSha256: Uint8Array;
    }
  /** nothing was stored: rows have errors, and nobody chose to leave out as many */
  | {
      readonly kind: 'erroneous';
      readonly rowCount: number;
      readonly erroneousRowCount: number;
      readonly firstErrors: readonly RowError[];
    }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  | { readonly kind: 'no_connector' };

/** Rows written at a time. */
const SET = 5_000;
const FIRST_ERRORS = 100;

/** Carries a result out of the transaction, which must not commit. */
class NotStored extends Error {
  readonly result: UploadResult;
  constructor(result: UploadResult) {
    super(result.kind);
    this.result = result;
  }
}

/** @throws what the database throws; the signal's reason */
export async function uploadMapping(pool: pg.Pool, upload: Upload): Promise<UploadResult> {
  try {
    return await inTransaction(pool, (client) => storeFile(client, upload));
  } catch (error) {
    if (error instanceof NotStored) return error.result;
    throw error;
  }
}

async function storeFile(client: pg.PoolClient, upload: Upload): Promise<UploadResult> {
  const fileSha256 = await sha256Of(upload.bytes, upload.options.signal);
  if (!(await beginVersion(client, { ...upload, fileSha256 }))) throw new NotStored({ kind: 'no_connector' });
  const firstErrors: RowError[] = [];
  const rows = new RowWriter(client, upload);
  const result = await readMappingFile(upload.bytes, upload.options, {
    rows: (some) => rows.add(some),
    errors: async (errors) => {
      firstErrors.push(...errors.slice(0, FIRST_ERRORS - firstErrors.length));
      await upload.onErrors?.(errors);
    },
    // This process serves pages as well: a million rows take some seconds.
    progress: () => setImmediate(),
  });
  if (result.kind === 'refused') throw new NotStored(result);
  const { erroneousRowCount, withdrawnRows } = result;
  // Other rows than were shown are no choice of anybody's. Leaving out every row is no mapping: it would look like one that
  // maps nobody.
  if (erroneousRowCount > 0 && (erroneousRowCount !== upload.leaveOut || result.rowCount === 0)) {
    throw new NotStored({ kind: 'erroneous', rowCount: result.rowCount, erroneousRowCount, firstErrors });
  }
  await rows.end();
  await withdrawRows(client, upload, withdrawnRows);
  // Only now: whoever applies a version or maps a number meanwhile does not wait for this file.
  const number = await numberVersion(client, upload);
  const file: WrittenFile = { number, rowCount: result.rowCount, leftOutCount: erroneousRowCount, fileSha256 };
  const rowCount = (await upload.complete?.(client, file)) ?? result.rowCount;
  await countRows(client, upload, rowCount, erroneousRowCount);
  // Whoever cancelled while the last rows were written wants nothing either.
  upload.options.signal?.throwIfAborted();
  return { kind: 'stored', versionId: upload.id, number, rowCount, leftOutCount: erroneousRowCount, fileSha256 };
}

/** Writes rows in sets, one while the next is read: PostgreSQL has a processor of its own. */
class RowWriter {
  readonly #client: pg.PoolClient;
  readonly #version: Pick<NewVersion, 'id' | 'organizationId'>;
  #waiting: MappingRow[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(client: pg.PoolClient, version: Pick<NewVersion, 'id' | 'organizationId'>) {
    this.#client = client;
    this.#version = version;
  }

  /** @throws what PostgreSQL said of the set before */
  async add(rows: readonly MappingRow[]): Promise<void> {
    for (const row of rows) this.#waiting.push(row);
    if (this.#waiting.length >= SET) await this.#write();
  }

  async end(): Promise<void> {
    await this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    await this.#writing;
    if (rows.length === 0) return;
    this.#writing = insertRows(this.#client, this.#version, rows);
    // Met by whoever waits for it next; until then it is no unhandled one.
    this.#writing.catch(() => {});
  }
}
