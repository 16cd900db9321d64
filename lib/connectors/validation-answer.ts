/** *Validate connection*, as it travels to a browser: a line of JSON for each test, as soon as it is over. */
import { z } from 'zod';

/** In the order in which they are run. */
export const CONNECTION_TESTS = ['host', 'sign_in', 'product', 'clock', 'consent', 'directory', 'mailbox'] as const;
export type ConnectionTestName = (typeof CONNECTION_TESTS)[number];

export const SOURCE_PROBLEMS = [
  'unknown_host',
  'no_connection',
  'bad_certificate',
  'invalid_credentials',
  /** refused before, and not tried again */
  'refused_before',
  'other_account',
  'suspended',
  'pin_required',
  'kind_not_ordered',
  'not_registered',
  'throttled',
  'login_paused',
  'unreachable',
  'settles_late',
  'clock_wrong',
  'bad_answer',
] as const;
export type SourceProblem = (typeof SOURCE_PROBLEMS)[number];

export const connectionTestSchema = z.object({
  test: z.enum(CONNECTION_TESTS),
  result: z.enum(['passed', 'waiting', 'failed']),
  /** a `SourceProblem`, a `ConsentProblem`, or `not_run`: one above has not passed; null where it passed */
  problem: z.string().nullable(),
  /** of `roles_missing` */
  missingRoles: z.array(z.string()),
  /** what the test found: TLS's version, the account's name, the time through which the feed is settled */
  found: z.string().nullable(),
});

export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** A validation that failed by a fault of ours: the reference is in the log. */
export const validationFailureSchema = z.object({ failed: z.object({ reference: z.string() }) });

export const validationLineSchema = z.union([connectionTestSchema, validationFailureSchema]);
