/**
 * What the mapping API says, as schemas: the handler's answers have their types, and the OpenAPI document is made of them.
 * Problems are those of RFC 9457. Pure.
 */
import { z } from 'zod';
import { MAX_ROWS } from '../mapping/limits.ts';

const count = z.int().nonnegative();

/** What a version changes in the mapping that it was compared with, in rows. */
export const changesSchema = z.object({
  added: count,
  changed: count,
  removed: count,
  unchanged: count,
  waitingReleased: count.describe('Items that wait for a mailbox and get one, as far as the directory is known.'),
});

export const WAITS_FOR = ['confirmation', 'rows_look_shifted', 'approval', 'overrules_portal', 'went_back'] as const;

export const mappingAnswerSchema = z
  .object({
    status: z
      .enum(['applied', 'unchanged', 'waiting', 'declined'])
      .describe(
        'applied: the file is in force. unchanged: it was already. waiting: it is a proposed version, and an administrator decides in the portal. declined: an administrator ended the version that this file was, and nothing else came into force since; nothing was done.',
      ),
    version: z
      .int()
      .positive()
      .describe('Number of the version: the one in force, the proposed one, or the one that was declined.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('Of the file as it was received. The same file again is answered without another version.'),
    changes: changesSchema.nullable().describe('null where nothing had to be compared.'),
    waitsFor: z
      .enum(WAITS_FOR)
      .nullable()
      .describe(
        'confirmation: more is changed or removed than may be without one. rows_look_shifted: many mailboxes newly differ from the e-mail addresses at TeleMessage. approval: the organization demands two administrators, one who asks and another who approves. overrules_portal: numbers whose mailbox was chosen in the portal get another one. went_back: a person went back to a version before the one that this file became.',
      ),
  })
  .describe('What became of the file.');

export type MappingAnswer = z.infer<typeof mappingAnswerSchema>;

export const rowErrorSchema = z.object({
  row: z
    .int()
    .min(1)
    .max(MAX_ROWS + 1)
    .describe('As a spreadsheet counts: the header is 1.'),
  column: z
    .enum(['number', 'mailbox', 'validFrom', 'validTo'])
    .nullable()
    .describe('null: the error is about the row as a whole.'),
  value: z.string().describe('As written, at most 100 characters.'),
  code: z.string(),
  reason: z.string().describe('A sentence for people.'),
  otherRow: z.int().nullable().describe('The row that this one repeats or contradicts.'),
});

/** Codes of problems, by which a program decides; the title is for people. */
export const PROBLEMS = {
  'no-token': { status: 401, title: 'A token is needed.' },
  'invalid-token': { status: 401, title: 'This token is not accepted.' },
  'not-an-application': { status: 403, title: 'This is for programs: the token stands for a person.' },
  'role-missing': { status: 403, title: 'The app role that this needs is not granted to this program.' },
  'not-found': { status: 404, title: 'There is no such connector.' },
  'bad-request': { status: 400, title: 'The request cannot be understood.' },
  'upload-broke-off': { status: 400, title: 'The file did not arrive whole.' },
  'portal-rows': { status: 409, title: 'Rows that were added in the portal are missing in the file.' },
  'changed-meanwhile': { status: 409, title: 'Others keep changing the mapping.' },
  'length-required': { status: 411, title: 'Say how long the file is, or what its digest is.' },
  'file-too-large': { status: 413, title: 'The file is larger than 64 MB.' },
  'not-csv': { status: 415, title: 'Send the file as text/csv.' },
  'file-refused': { status: 422, title: 'The file is no mapping.' },
  'rows-with-errors': { status: 422, title: 'Rows of the file have errors. Nothing was changed.' },
  'too-many-requests': { status: 429, title: 'Too many requests.' },
  internal: { status: 500, title: 'The portal made a mistake. Nothing was changed.' },
  unavailable: { status: 503, title: 'The portal cannot do this now.' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** `type` of a problem: a name, not an address. */
export const problemType = (code: ProblemCode): string => `urn:compliance-portal:problem:${code}`;

export const problemSchema = z
  .object({
    type: z.enum(Object.keys(PROBLEMS).map((code) => problemType(code as ProblemCode))),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    rowCount: count.optional().describe('Rows without an error.'),
    erroneousRowCount: count.optional(),
    errors: z.array(rowErrorSchema).max(100).optional().describe('The first hundred errors.'),
    portalRowCount: count.optional().describe('Rows of the portal that the file does not have.'),
    reference: z.string().optional().describe('Names the entry in the log of the portal.'),
  })
  .describe('A problem (RFC 9457).');

export type Problem = z.infer<typeof problemSchema>;

type Details = Partial<Omit<Problem, 'type' | 'title' | 'status'>>;

/** A problem as an answer. */
export function problem(code: ProblemCode, details: Details = {}, headers: HeadersInit = {}): Response {
  const { status, title } = PROBLEMS[code];
  const body: Problem = { type: problemType(code), title, status, ...details };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

export function answer(body: MappingAnswer): Response {
  const status = body.status === 'waiting' ? 202 : 200;
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}
