/**
 * *User coverage*: from the source's users, the rows of the mapping and what the directory says of their addresses to
 * lines. Pure. There is a line for each registered user and for each row of the mapping; which mailbox a line leads to
 * is decided by the rules that decide for messages (`mapping/owed.ts`, `mapping/choose-mailbox.ts`).
 */
import type { SourceUserStatus } from '../archive/source.ts';
import { type Choice, chooseMailbox, type DirectoryAnswer, type WaitingReason } from '../mapping/choose-mailbox.ts';
import { mappingLookup, type StoredRow } from '../mapping/lookup.ts';
import type { MailboxAddress } from '../mapping/mailbox-address.ts';
import type { E164, Region } from '../mapping/number.ts';
import { type OwedParticipant, owedUser } from '../mapping/owed.ts';
import type { Validity } from '../mapping/validity.ts';

/** A user as the source listed them. */
export interface CoverageUser {
  readonly mobile: string;
  readonly number: E164 | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly status: SourceUserStatus;
  readonly lastArchivedAt: Date | null;
}

/** By what lines are decided: the mapping version that was in force when the verification began, and the settings. */
export interface CoverageContext {
  readonly versionId: string | null;
  readonly automaticMapping: boolean;
  /** lower case */
  readonly verifiedDomains: ReadonlySet<string>;
  readonly defaultRegion: Region;
  readonly now: Date;
}

export type CoverageResult = 'mailbox' | WaitingReason;

export interface CoverageLine {
  readonly mobile: string;
  readonly number: E164 | null;
  /** null: the number is not registered at the source */
  readonly user: CoverageUser | null;
  readonly row: StoredRow | null;
  /** whether a message of now would follow this line */
  readonly decides: boolean;
  readonly result: CoverageResult;
  readonly rule: 'mapping' | 'automatic' | null;
  /** as the directory writes it; else the address that the result is about */
  readonly mailbox: string | null;
  /** what the directory says of the row's mailbox, whatever decided; null where there is no row */
  readonly mappedResult: CoverageResult | null;
  /** addresses that were asked for it */
  readonly addresses: readonly MailboxAddress[];
}

/** A line of which the directory has not been asked yet. */
export interface Subject {
  readonly user: CoverageUser | null;
  readonly row: StoredRow | null;
  readonly decides: boolean;
  readonly owed: OwedParticipant;
}

/**
 * What is to be looked at for some users.
 *
 * @param rows every row of the mapping for the users' numbers, whatever their validity
 */
export function subjectsOfUsers(
  users: readonly CoverageUser[],
  rows: readonly StoredRow[],
  context: CoverageContext,
): readonly Subject[] {
  const byNumber = Map.groupBy(rows, ({ number }) => number);
  return users.flatMap((user) =>
    subjectsOf(user, user.number === null ? [] : (byNumber.get(user.number) ?? []), context),
  );
}

/** What is to be looked at for numbers that only the mapping knows. */
export function subjectsOfRows(rows: readonly StoredRow[], context: CoverageContext): readonly Subject[] {
  return [...Map.groupBy(rows, ({ number }) => number).values()].flatMap((ofNumber) =>
    subjectsOf(null, ofNumber, context),
  );
}

function subjectsOf(
  user: CoverageUser | null,
  rows: readonly StoredRow[],
  context: CoverageContext,
): readonly Subject[] {
  const { now, versionId, defaultRegion, automaticMapping, verifiedDomains } = context;
  const [first] = rows;
  const party = user ?? (first && { mobile: first.number, email: null, name: null });
  if (party === undefined) return [];
  const mapping = mappingLookup(versionId ?? '', rows);
  const isRegistered = (): boolean => user !== null;
  const owedAt = (at: Date): OwedParticipant =>
    owedUser(party, at, { mapping, isRegistered, automaticMapping, verifiedDomains, defaultRegion });
  const inForce = rows.find(({ validity }) => isWithin(now, validity));
  const subjects = rows.map((row): Subject => {
    const decides = row === inForce;
    return { user, row, decides, owed: owedAt(decides ? now : momentOf(row.validity)) };
  });
  // A user whom no row maps now is somebody all the same; a number of nobody is not.
  return inForce === undefined && user !== null
    ? [...subjects, { user, row: null, decides: true, owed: owedAt(now) }]
    : subjects;
}

/**
 * @param directory must know every address of the subject's candidates
 * @throws RangeError where a look-up was forgotten
 */
export function lineOf(
  { user, row, decides, owed }: Subject,
  directory: (address: MailboxAddress) => DirectoryAnswer | undefined,
): CoverageLine {
  const choice = chooseMailbox(owed, directory);
  const mapped = owed.candidates.filter(({ rule }) => rule === 'mapping');
  return {
    mobile: user?.mobile ?? row?.number ?? owed.written,
    number: user?.number ?? row?.number ?? null,
    user,
    row,
    decides,
    result: resultOf(choice),
    rule: choice.candidate?.rule ?? null,
    mailbox: choice.kind === 'mailbox' ? choice.address : (choice.candidate?.address ?? null),
    mappedResult: row === null ? null : resultOf(chooseMailbox({ ...owed, candidates: mapped }, directory)),
    addresses: owed.candidates.map(({ address }) => address),
  };
}

function resultOf(choice: Choice): CoverageResult {
  return choice.kind === 'mailbox' ? 'mailbox' : choice.reason;
}

function isWithin(at: Date, { from, to }: Validity): boolean {
  return (from === null || from <= at) && (to === null || at < to);
}

/** Some moment in a period that does not hold now, so that one of its ends is known. */
function momentOf({ from, to }: Validity): Date {
  return from ?? new Date((to?.getTime() ?? 1) - 1);
}
