/** A draft: a connector that is being set up. It lives in the database, one per organization and kind. */
import type { Region } from '../../mapping/number.ts';
import type { ConsentMode } from '../../microsoft/prove-consent.ts';

export interface Draft {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly name: string;
  readonly startedBy: string;
  readonly savedAt: Date;
  readonly terms: { readonly version: string; readonly acceptedBy: string; readonly acceptedAt: Date } | null;
  readonly login: DraftLogin | null;
  readonly mapping: {
    readonly automatic: boolean;
    readonly defaultRegion: Region;
    readonly file: DraftMappingFile | null;
    readonly confirmedAt: Date | null;
  };
  readonly consent: {
    readonly mode: ConsentMode;
    /** address of a mailbox that must open, with `chosen` */
    readonly inside: string | null;
    /** and of one that must be refused */
    readonly outside: string | null;
    readonly requestedAt: Date | null;
    readonly provenAt: Date | null;
    /** why the last answer of the consent page was no consent */
    readonly problem: ConsentAnswerProblem | null;
  };
}

export interface DraftLogin {
  readonly sourceId: bigint;
  readonly accountId: string;
  readonly accountName: string;
  readonly username: string;
  /** the source's id of this connector */
  readonly registrationId: string;
  readonly registeredUsers: number;
}

export interface DraftMappingFile {
  readonly versionId: string;
  readonly fileName: string;
  readonly rowCount: number;
  readonly leftOutCount: number;
}

export type ConsentAnswerProblem =
  | { readonly kind: 'declined' | 'failed' }
  /** names as people know them: a domain, or the tenant id where it is not ours */
  | { readonly kind: 'wrong_tenant'; readonly given: string; readonly expected: string };

/** There is no such draft: it was finished, discarded, or belongs to another organization. */
export interface NoDraft {
  readonly kind: 'no_draft';
}

export const NO_DRAFT: NoDraft = { kind: 'no_draft' };
