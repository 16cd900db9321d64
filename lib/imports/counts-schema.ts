/** The shape of `Counts` where it comes from outside the type system: the event stream and `import.counts_at_completion`. */
import { z } from 'zod';
import type { Counts } from './counts.ts';

const count = z.number().int();

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
    // Imports that were completed before there was one have none.
    fallback: count.default(0),
  }),
});
