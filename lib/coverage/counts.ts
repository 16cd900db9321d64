/** The numbers of a verification, as they are stored and shown. Pure. */
import { z } from 'zod';

const count = z.number().int();

/** Why a user has no mailbox, or a mapped mailbox cannot be used. The order is that of a list to choose from. */
export const COVERAGE_REASONS = [
  'not_mapped',
  'foreign_address',
  'mailbox_not_found',
  'no_mailbox',
  'guest',
  'ambiguous_address',
  'ambiguous_number',
] as const;

export type CoverageReason = (typeof COVERAGE_REASONS)[number];

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

/** All of them, whatever the reason. */
export function sumOf(byReason: Readonly<Partial<Record<CoverageReason, number>>>): number {
  return Object.values(byReason).reduce((sum, one) => sum + one, 0);
}
