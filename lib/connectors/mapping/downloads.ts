/** What can be downloaded of a mapping, as CSV that no spreadsheet calculates and that can be uploaded again unchanged. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import { csvLine } from '../../csv.ts';
import { type FileRefusal, type MappingFileResult, readMappingFile } from '../../mapping/mapping-file.ts';
import { hasValidity, type RowCursor, rowsOf } from '../../mapping/store/rows.ts';
import { refusalSentence } from '../../mapping/words.ts';
import { errorHeader, errorLine, mappingHeader, mappingLine } from '../../mapping/write-csv.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import type { MappingParts, ReadingParts } from './parts.ts';
import { readingOf } from './propose.ts';
import { mappedConnector, readSummary } from './store/versions.ts';

export interface Download {
  readonly kind: 'file';
  readonly fileName: string;
  readonly body: Readable;
}

/** Rows that one query brings. */
const PAGE = 5_000;

/** A version, by number and time. Needs `mapping.manage`: a file with masked numbers would be no mapping. @throws NotAllowed */
export async function versionCsv(
  { database: { pool } }: Pick<MappingParts, 'database'>,
  actor: Actor,
  { connectorId, versionId }: { readonly connectorId: string; readonly versionId: string },
): Promise<Download | { readonly kind: 'not_found' }> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const connector = await mappedConnector(pool, organizationId, connectorId);
  const version = connector && (await readSummary(pool, actor, connectorId, versionId));
  if (!version || version.rowsClearedAt !== null) return { kind: 'not_found' };
  const body = Readable.from(linesOf(pool, organizationId, versionId));
  return { kind: 'file', fileName: `mapping-version-${version.number}.csv`, body };
}

async function* linesOf(pool: pg.Pool, organizationId: string, versionId: string): AsyncGenerator<Buffer> {
  const withValidity = await hasValidity(pool, organizationId, versionId);
  yield Buffer.from(mappingHeader(withValidity));
  let after: RowCursor | null = null;
  for (;;) {
    const rows = await rowsOf(pool, organizationId, versionId, after, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield Buffer.from(rows.map((row) => mappingLine(row, withValidity)).join(''));
    after = { number: last.number, from: last.validity.from };
  }
}

/**
 * All errors of a file, which is not stored. What ends the reading of a file halfway is its last line. Needs
 * `mapping.manage`.
 *
 * @returns `refused` where nothing of the file could be read
 * @throws NotAllowed
 */
export async function errorsCsv(
  parts: ReadingParts,
  actor: Actor,
  { connectorId, bytes }: { readonly connectorId: string; readonly bytes: Uint8Array },
): Promise<Download | { readonly kind: 'refused'; readonly refusal: FileRefusal } | { readonly kind: 'not_found' }> {
  authorize(actor, 'mapping.manage');
  const connector = await mappedConnector(parts.database.pool, actor.organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const options = await readingOf(parts, connector);
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  const begun = Promise.withResolvers<'found_some'>();
  const read = readMappingFile(bytes, options, {
    rows: () => {},
    errors: async (errors) => {
      begun.resolve('found_some');
      // Waits for the browser to take it, so that a million errors do not lie in memory.
      await writer.write(errors.map(errorLine).join(''));
    },
    progress: () => setImmediate(),
  });
  const first = await Promise.race([begun.promise, read]);
  if (first !== 'found_some' && first.kind === 'refused') return first;
  void finish(writer, read);
  // The mark tells spreadsheets that this is UTF-8: values are as somebody wrote them.
  const body = Readable.from(afterHeader(`\uFEFF${errorHeader()}`, readable));
  return { kind: 'file', fileName: 'mapping-errors.csv', body };
}

async function* afterHeader(header: string, lines: ReadableStream<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(header);
  for await (const line of lines) yield Buffer.from(line);
}

async function finish(writer: WritableStreamDefaultWriter<string>, read: Promise<MappingFileResult>): Promise<void> {
  try {
    const result = await read;
    if (result.kind === 'refused') await writer.write(csvLine(['', '', '', refusalSentence(result.refusal)]));
    await writer.close();
  } catch (error) {
    // The browser went away, or reading failed: who still takes the lines is told that they are not all.
    await writer.abort(error).catch(() => {});
  }
}
