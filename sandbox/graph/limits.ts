/** Limits of Graph and Exchange that can be changed while the sandbox runs, for tests and for benchmarks. */
import { z } from 'zod';

export const graphLimitsSchema = z.object({
  /** requests at once per app and mailbox */
  mailboxConcurrency: z.number().int().min(1),
  /** requests in ten minutes per app and mailbox */
  mailboxRequests: z.number().int().min(1),
  /** bytes in five minutes per app and mailbox */
  mailboxUploadBytes: z.number().int().min(1),
  /** requests in a second per app */
  appRequests: z.number().int().min(1),
  /** bytes of the largest message that a mailbox takes; administrators raise it to 150 MB */
  messageBytes: z.number().int().min(1),
  /** milliseconds that a request takes */
  latencyMs: z.number().int().min(0).max(60_000),
});

export type GraphLimits = { -readonly [Name in keyof z.infer<typeof graphLimitsSchema>]: number };

/** The service's own limits times `scale`; message size and latency are not scaled. */
export function graphLimits(scale: number, latencyMs: number): GraphLimits {
  const scaled = (value: number): number => Math.max(1, Math.round(value * scale));
  return {
    mailboxConcurrency: scaled(4),
    mailboxRequests: scaled(10_000),
    mailboxUploadBytes: scaled(150_000_000),
    appRequests: scaled(2_000),
    messageBytes: 35 * 1_048_576,
    latencyMs,
  };
}
