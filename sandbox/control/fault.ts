/** What can befall a request: the kinds of fault, and what each of them needs to be told. */
import { z } from 'zod';

export const serviceNames = ['graph', 'entra', 'telemessage'] as const;
export type ServiceName = (typeof serviceNames)[number];

const milliseconds = z.number().int().min(0).max(600_000);

export const faultSchema = z.discriminatedUnion('kind', [
  /** answers with this status and error code; nothing is done */
  z.strictObject({ kind: z.literal('refuse'), status: z.number().int().min(400).max(599), code: z.string().min(1) }),
  /** 429 with Retry-After in seconds; nothing is done */
  z.strictObject({ kind: z.literal('throttle'), retryAfter: z.number().int().min(0).max(3_600) }),
  /** waits, then does and answers as usual */
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds }),
  /** cuts the connection; nothing is done */
  z.strictObject({ kind: z.literal('reset-before') }),
  /** does it, then cuts the connection instead of answering */
  z.strictObject({ kind: z.literal('reset-after') }),
  /** does it at once, answers after `ms` */
  z.strictObject({ kind: z.literal('answer-late'), ms: milliseconds }),
  /** cuts the connection at once (inside a batch: answers 504), does it after `ms` */
  z.strictObject({ kind: z.literal('commit-late'), ms: milliseconds }),
  /** does it and never answers */
  z.strictObject({ kind: z.literal('no-answer') }),
  /** does it, sends half of the answer and cuts the connection */
  z.strictObject({ kind: z.literal('truncate') }),
  /** does it, sends half of the answer, then nothing more, and leaves the connection open */
  z.strictObject({ kind: z.literal('stall') }),
  /** Graph: does it twice and gives the second answer. TeleMessage: the last item of a page comes once more */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** Graph, TeleMessage: the token or session of the request is over, for good. Entra ID: gives out such a token */
  z.strictObject({ kind: z.literal('expire') }),
]);

/** said where a service has no words of its own for what a rule has it refuse */
export const REFUSED_BY_RULE = 'Refused by a fault rule of the sandbox.';

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

export const faultKinds: readonly FaultKind[] = faultSchema.options.map((option) => option.shape.kind.value);
