/**
 * The difference of a version with another: what is added, changed and removed, and what that would do.
 *
 * A row of the difference is a number and a time for which it has one old and one new mailbox. Where no row is limited in
 * time, that is a row of the file.
 */
import type { Guard } from '../../mapping/guards.ts';
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';
import type { VersionSummary } from './version-summary.ts';

export interface DifferenceCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** rows of the version that are valid now and whose number has an e-mail address at the source */
  readonly comparable: number;
  /** of these: the mailbox is not that address, nor known to be the same person's */
  readonly disagreeing: number;
  /** of these: it was not so in the version that is compared with */
  readonly newlyDisagreeing: number;
  /** rows of the version whose number another live connector maps too: a warning */
  readonly withOtherConnector: number;
}

export interface DifferenceEffect {
  /** copies that wait and would be sent, as far as the directory is known */
  readonly waitingReleased: number;
  /** messages archived in the last 30 days in mailboxes of rows that are changed or removed: they stay there */
  readonly archivedLast30Days: number;
}

export interface VersionDifference {
  readonly kind: 'difference';
  readonly version: VersionSummary;
  /** null: compared with nothing */
  readonly base: VersionSummary | null;
  /** whether `base` is what is in force, so that the version can be applied against it */
  readonly baseInForce: boolean;
  readonly counts: DifferenceCounts;
  readonly effect: DifferenceEffect;
  /** what is to be passed before it comes into force */
  readonly guards: readonly Guard[];
}

export interface DifferenceInput {
  readonly connectorId: string;
  readonly versionId: string;
  /** the version to compare with; null: with nothing; left out: with what is in force */
  readonly against?: string | null;
}

export type DifferenceKind =
  | 'added'
  | 'changed'
  | 'removed'
  | 'unchanged'
  | 'disagreeing'
  | 'newly_disagreeing'
  | 'other_connector';

export interface DifferenceRow {
  /** E.164; masked for those who may not see numbers */
  readonly number: string;
  /** name and e-mail address at the source */
  readonly name: string | null;
  readonly email: string | null;
  readonly oldMailbox: string | null;
  readonly newMailbox: string | null;
  /** [from, to) of the message's time; null is open */
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  /** messages archived in the last 30 days in the old mailbox */
  readonly archivedLast30Days: number;
  /** the first other live connector that maps the number, where `kind` asks for those */
  readonly otherConnector: { readonly name: string; readonly mailbox: string } | null;
}

export interface DifferencePage {
  readonly rows: readonly DifferenceRow[];
  /** `after` of the next page; null where this is the last */
  readonly next: number | null;
}

/** Needs `connectors.read`. @throws NotAllowed */
export async function versionDifference(
  _parts: MappingParts,
  _actor: Actor,
  _input: DifferenceInput,
): Promise<VersionDifference | { readonly kind: 'not_found' }> {
  throw new Error('not built yet');
}

/**
 * Rows of one kind by number, a page at a time; numbers are masked without `mapping.manage` or `content.read`.
 *
 * @returns null where the version is not found
 * @throws NotAllowed
 */
export async function differenceRows(
  _parts: MappingParts,
  _actor: Actor,
  _input: DifferenceInput & {
    readonly kind: DifferenceKind;
    /** 0 for the first page, then `next` */
    readonly after: number;
    /** at most 500 */
    readonly limit: number;
  },
): Promise<DifferencePage | null> {
  throw new Error('not built yet');
}
