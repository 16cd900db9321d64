/** The numbers of a verification, as they are stored and shown. Pure. */
import { z } from 'zod';
import { COVERAGE_REASONS } from './coverage-reasons.ts';

const count = z.number().int();

export const coverageCountsSchema = z.object({
  /** registered users: everybody whom the source has not deleted */
  registered: count,
  withMailbox: count,
  /** registered users without a mailbox, by reason */
  without: z.partialRecord(z.enum(COVERAGE_REASONS), count),
  /** rows of the mapping whose mailbox cannot be used, by reason */
  unusable: z.partialRecord(z.enum(COVERAGE_REASONS), count),
  /** mapped numbers that are not registered at the source */
  unregistered: count,
  /** when the oldest answer of the directory was given, ISO 8601; null where it was not asked */
  oldestAnswerAt: z.iso.datetime().nullable(),
});

export type CoverageCounts = z.infer<typeof coverageCountsSchema>;
