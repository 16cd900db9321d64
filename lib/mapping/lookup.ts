/** Which mapping row decides for a number at a time. Pure. */
import type { MailboxAddress } from './mailbox-address.ts';
import type { E164 } from './number.ts';
import type { MappingMatch } from './owed.ts';
import type { Validity } from './validity.ts';

/** A row of a stored version. */
export interface StoredRow {
  readonly number: E164;
  readonly mailbox: MailboxAddress;
  readonly row: number;
  readonly validity: Validity;
}

/** The lookup that `OwedContext.mapping` wants, over the rows of one version. Rows of one number never overlap. */
export function mappingLookup(
  versionId: string,
  rows: readonly StoredRow[],
): (number: E164, at: Date) => MappingMatch | null {
  const byNumber = Map.groupBy(rows, ({ number }) => number);
  return (number, at) => {
    const match = byNumber.get(number)?.find(({ validity }) => isWithin(at, validity));
    return match === undefined ? null : { mailbox: match.mailbox, versionId, row: match.row };
  };
}

/** Where no version is in force. */
export function noMapping(): null {
  return null;
}

function isWithin(at: Date, { from, to }: Validity): boolean {
  return (from === null || from <= at) && (to === null || at < to);
}
