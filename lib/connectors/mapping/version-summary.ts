/** A mapping version as pages list it. */
import type { MappingRule, RulePart } from '../../mapping/version-rule.ts';

export interface VersionSummary extends MappingRule {
  readonly id: string;
  /** 1 for a connector's first */
  readonly number: number;
  readonly status: 'proposed' | 'in_force' | 'superseded' | 'discarded';
  readonly origin: 'file' | 'portal' | 'api';
  /**
   * of a file: in place of everything, or beside what was there. `restore`: rows and rule of an older version; `rule`: the
   * rows that were there, and another rule
   */
  readonly mode: 'replace' | 'add' | 'restore' | 'rule';
  /** of the mode `rule`: what was changed; else empty */
  readonly ruleChanges: readonly RulePart[];
  /** number of the version whose rows it goes on with (`add`, rows kept from the portal) or brings back (`restore`) */
  readonly basedOn: number | null;
  readonly fileName: string | null;
  /** hexadecimal */
  readonly fileSha256: string | null;
  readonly rowCount: number;
  /** erroneous rows that somebody chose to leave out */
  readonly leftOutCount: number;
  /** what became of rows that were added in the portal and are not in the file; null: there were none */
  readonly portalRows: 'keep' | 'remove' | null;
  /** why it was applied, asked to be approved, or mapped */
  readonly reason: string | null;
  readonly createdBy: string;
  /** the one who looks at it: may not approve it */
  readonly createdByMe: boolean;
  readonly createdAt: Date;
  readonly appliedBy: string | null;
  readonly appliedAt: Date | null;
  /** asked of another administrator */
  readonly approval: {
    readonly requestedBy: string;
    readonly requestedByMe: boolean;
    readonly requestedAt: Date;
  } | null;
  readonly approvedBy: string | null;
  readonly discardedBy: string | null;
  readonly discardedAt: Date | null;
  /** its rows were removed: it was discarded long before, and never in force. null: they are there */
  readonly rowsClearedAt: Date | null;
  /** why another administrator declined it; null where it was not declined */
  readonly declinedReason: string | null;
}
