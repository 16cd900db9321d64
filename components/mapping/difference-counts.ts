/** How many rows of each kind a difference has. Pure. */
import type { DifferenceCounts } from '#lib/connectors/mapping/difference.ts';
import type { DifferenceKind } from '#lib/connectors/mapping/use-cases.ts';

export function countOf(counts: DifferenceCounts, kind: DifferenceKind): number {
  switch (kind) {
    case 'newly_disagreeing':
      return counts.newlyDisagreeing;
    case 'other_connector':
      return counts.withOtherConnector;
    default:
      return counts[kind];
  }
}
