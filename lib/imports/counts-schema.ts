/** The shape of `Counts` where it comes from outside the type system: the event stream and `import.counts_at_completion`. */
import { z } from 'zod';
import type { Counts } from './counts.ts';

// Where nothing was counted nothing is said: on the stream, and in imports completed before there was such a count.
const count = z.number().int().default(0);

export const countsSchema: z.ZodType<Counts> = z.object({
  items: z.object({
    listed: count,
    pending: count,
    imported: count,
    waiting: count,
    failed: count,
    unreadable: count,
    repeat: count,
  }),
  copies: z.object({
    available: count,
    pending: count,
    imported: count,
    partiallyImported: count,
    skipped: count,
    failed: count,
    waiting: count,
    fallback: count,
  }),
});
