/** Why a user has no mailbox, and sums over that. Pure, and without a schema: words of pages name these. */

/** Why a user has no mailbox, or a mapped mailbox cannot be used. The order is that of a list to choose from. */
export const COVERAGE_REASONS = [
  'not_mapped',
  'foreign_address',
  'mailbox_not_found',
  'no_mailbox',
  'mailbox_closed',
  'guest',
  'ambiguous_address',
  'ambiguous_number',
] as const;

export type CoverageReason = (typeof COVERAGE_REASONS)[number];

/** All of them, whatever the reason. */
export function sumOf(byReason: Readonly<Partial<Record<CoverageReason, number>>>): number {
  return Object.values(byReason).reduce((sum, one) => sum + one, 0);
}
