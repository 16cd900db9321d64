/**
 * What a mapping version must pass before it comes into force: the more it changes, the less it may be an accident. Pure;
 * the page and the use-cases ask the same function.
 */

/** How much is otherwise: rows, or people by their mailbox. */
export interface Moved {
  readonly changed: number;
  readonly removed: number;
  /** how many there were; rows of the version compared with, whatever pieces of time they are cut into for the comparison */
  readonly before: number;
}

/** Rows of the difference between a version and the one it is compared with; see `DifferenceCounts`. */
export interface Changed extends Moved {
  /** rows valid now whose number has an e-mail address at the source */
  readonly comparable: number;
  /** of these: the mailbox is another than that address, and was not another before */
  readonly newlyDisagreeing: number;
}

export type Guard =
  /** much is changed or removed: the phrase is to be typed */
  | 'typed_confirmation'
  /** the same, where the organization demands a second administrator: in place of the phrase */
  | 'approval'
  /** mailboxes may have been sorted without their numbers: refused unless somebody says that they are right */
  | 'rows_look_shifted';

/** Rows that may change without further question in a mapping of any size. */
const FEW_ROWS = 10;

/** In the order in which a page asks them. @param people where the rule is another one: registered users, in place of rows */
export function guardsOf(
  difference: Changed,
  organization: { readonly demandsApproval: boolean },
  people: Moved | null = null,
): readonly Guard[] {
  const guards: Guard[] = [];
  if (looksShifted(difference)) guards.push('rows_look_shifted');
  if (changesMuch(difference) || (people !== null && changesMuch(people)))
    guards.push(organization.demandsApproval ? 'approval' : 'typed_confirmation');
  return guards;
}

/**
 * More than 1 % of the rows or 10 rows changed, whichever is more; or more than 10 % removed. Of the rows that were there: a
 * file can cut what it leaves as it is into as many pieces as it likes, and what it changes would drown among them.
 */
function changesMuch({ changed, removed, before }: Moved): boolean {
  return changed > Math.max(FEW_ROWS, before / 100) || removed * 10 > before;
}

/** More than 5 % newly disagree. One row alone cannot be shifted. */
function looksShifted({ comparable, newlyDisagreeing }: Changed): boolean {
  return newlyDisagreeing > 1 && newlyDisagreeing * 20 > comparable;
}
