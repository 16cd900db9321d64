/**
 * `PUT /api/v1/connectors/{id}/mapping`: a program sends the mapping of a connector as CSV. Described in `openapi.ts`,
 * which a test holds this to.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ReadingParts } from '../connectors/mapping/use-cases.ts';
import { isDatabaseAway } from '../db.ts';
import type { Limits } from '../limits/limits.ts';
import type { FileTurns, Release } from '../mapping/file-turns.ts';
import { MAX_FILE_BYTES } from '../mapping/limits.ts';
import type { RowError } from '../mapping/mapping-file.ts';
import { refusalSentence, rowErrorReason } from '../mapping/words.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import { isAllowed } from '../security/roles.ts';
import { isStorable } from '../storable-text.ts';
import { announcedBody, isAnnounced } from './announced-body.ts';
import { answer, problem } from './answers.ts';
import { type BringResult, bringFile, type VersionUseCases } from './bring-file.ts';
import { programOf, refusedCaller, refuseProgram } from './program.ts';

export interface MappingApiParts {
  readonly mapping: ReadingParts;
  readonly versions: VersionUseCases;
  /** who calls, by the header Authorization */
  readonly callerOf: (authorization: string | null) => Promise<AppCaller | CallerRefusal>;
  /** how often a program may call */
  readonly limits: Pick<Limits, 'take'>;
  /** where a request comes from, as far as it can be known */
  readonly addressOf: (request: Request) => string | undefined;
  /** programs that are being served: one file a program at a time */
  readonly busy: Set<string>;
  /** of all files that this process reads */
  readonly turns: Pick<FileTurns, 'take'>;
  /** a body of at most so many bytes; null where it is longer */
  readonly read: (request: Request, limit: number) => Promise<Uint8Array | null>;
  readonly log: Logger;
}

/** A file of a million rows takes about so long. */
const BUSY_SECONDS = 60;

const NUL = 'contains a NUL character';

export const querySchema = z.strictObject({
  mode: z.enum(['replace', 'add']).default('replace'),
  portalRows: z.enum(['keep', 'remove']).optional(),
  name: z.string().trim().min(1).max(255).refine(isStorable, NUL).default('mapping.csv'),
  reason: z.string().trim().min(3).max(1000).refine(isStorable, NUL).default('Sent through the mapping API'),
});

const LENGTH_REQUIRED =
  'Send Content-Length, or Content-Digest with sha-256 or sha-512 (RFC 9530): without either half a file cannot be told from a whole one.';

/** Never throws: what fails is a problem with a reference to the log. */
export async function putMapping(parts: MappingApiParts, request: Request, connectorId: string): Promise<Response> {
  try {
    const caller = await parts.callerOf(request.headers.get('authorization'));
    if (typeof caller === 'string') return refusedCaller(caller);
    return await asCaller(parts, request, connectorId, caller);
  } catch (error) {
    return failure(parts.log, connectorId, error);
  } finally {
    await request.body?.cancel().catch(() => {});
  }
}

async function asCaller(
  parts: MappingApiParts,
  request: Request,
  connectorId: string,
  caller: AppCaller,
): Promise<Response> {
  const actor = programOf(caller, parts.addressOf(request));
  if (!isAllowed(actor.roles, 'mapping.manage')) {
    return refuseProgram({ pool: parts.mapping.database.pool, limits: parts.limits }, actor, 'mapping.manage');
  }
  const key = `${caller.organizationId} ${caller.appId}`;
  const taken = await parts.limits.take('mapping-api', caller.organizationId, caller.appId);
  if (!taken.allowed) {
    return problem('too-many-requests', {}, { 'retry-after': String(taken.retryAfterSeconds) });
  }
  if (!z.guid().safeParse(connectorId).success) return problem('not-found');
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return problem('bad-request', { detail: z.prettifyError(query.error) });
  if (!isCsv(request.headers)) return problem('not-csv');
  if (parts.busy.has(key)) {
    const detail = 'Another file of this program is being read. One at a time.';
    return problem('too-many-requests', { detail }, { 'retry-after': String(BUSY_SECONDS) });
  }
  parts.busy.add(key);
  let release: Release | null = null;
  try {
    // Who has gone hears no answer.
    release = await parts.turns.take(request.signal).catch(() => null);
    if (release === null) {
      const detail = 'The portal reads other files.';
      return problem('too-many-requests', { detail }, { 'retry-after': String(BUSY_SECONDS) });
    }
    const bytes = await wholeBody(parts, request);
    if (bytes === 'length-required') return problem(bytes, { detail: LENGTH_REQUIRED });
    if (typeof bytes === 'string') return problem(bytes);
    const { name: fileName, portalRows = null, ...rest } = query.data;
    const file = { connectorId: connectorId.toLowerCase(), fileName, portalRows, bytes, ...rest };
    const result = await bringFile(parts.mapping, parts.versions, actor, file);
    parts.log.info({ connectorId, appId: caller.appId, result: result.kind, bytes: bytes.byteLength }, 'mapping API');
    return answerOf(result);
  } finally {
    release?.();
    parts.busy.delete(key);
  }
}

/** Half a file would be a mapping, too, and take the other half away. What cannot be held against anything is not read. */
async function wholeBody(
  { read }: MappingApiParts,
  request: Request,
): Promise<Uint8Array | 'length-required' | 'file-too-large' | 'upload-broke-off'> {
  const announced = announcedBody(request.headers);
  if (announced === null) return 'length-required';
  const bytes = await read(request, MAX_FILE_BYTES).catch(() => 'upload-broke-off' as const);
  if (bytes === null) return 'file-too-large';
  return typeof bytes === 'string' || !(await isAnnounced(bytes, announced)) ? 'upload-broke-off' : bytes;
}

function isCsv(headers: Headers): boolean {
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  return type === 'text/csv' && encoding === 'identity';
}

function answerOf(result: BringResult): Response {
  switch (result.kind) {
    case 'answer':
      return answer(result.answer);
    case 'not_found':
      return problem('not-found');
    case 'refused':
      if (result.refusal.problem === 'too_large') return problem('file-too-large');
      return problem('file-refused', { detail: refusalSentence(result.refusal) });
    case 'erroneous': {
      const { rowCount, erroneousRowCount, firstErrors } = result;
      return problem('rows-with-errors', { rowCount, erroneousRowCount, errors: firstErrors.map(rowError) });
    }
    case 'asks_portal_rows': {
      const detail = 'Send the file again with portalRows=keep or portalRows=remove.';
      return problem('portal-rows', { portalRowCount: result.count, detail });
    }
    case 'changed_meanwhile':
      return problem('changed-meanwhile', { detail: 'Send the file again.' });
  }
}

function rowError(error: RowError) {
  const { row, column, value, problem: code, otherRow } = error;
  return { row, column, value, code, reason: rowErrorReason(error), otherRow };
}

function failure(log: Logger, connectorId: string, error: unknown): Response {
  const reference = randomUUID();
  const facts = error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {};
  if (isDatabaseAway(error)) {
    log.warn({ connectorId, reference, name: facts.name }, 'mapping API: the database is away');
    return problem('unavailable', { reference }, { 'retry-after': '30' });
  }
  log.error({ connectorId, reference, ...facts }, 'mapping API: a fault of ours');
  return problem('internal', { reference });
}
