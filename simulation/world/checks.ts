/**
 * What must be true when nothing is under way any more. The ledger is held against the mailboxes and against the source;
 * who is owed what is worked out here anew, by rules that fit on a page.
 */
import { checkAlerts } from './check-alerts.ts';
import { checkCopies } from './check-copies.ts';
import { checkCounts } from './check-counts.ts';
import { checkItems } from './check-items.ts';
import { checkStaging } from './check-staging.ts';
import type { World } from './world.ts';

/** A line for each thing that is not as it must be. */
export function check(world: World): string[] {
  return [
    ...world.witness.violations,
    ...world.cloud.violations,
    ...checkItems(world),
    ...checkCopies(world),
    ...checkCounts(world),
    ...checkAlerts(world),
    ...checkStaging(world),
  ];
}
