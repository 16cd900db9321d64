/** An error of a row of a mapping file, and how its value is shown. Pure; runs in the browser too. */
import type { Column } from './headers.ts';
import { withInvisibleShown } from './invisible.ts';
import type { AddressProblem } from './mailbox-address.ts';
import type { E164, NumberProblem } from './number.ts';

export type RowProblem =
  | `number_${NumberProblem}`
  | `mailbox_${AddressProblem}`
  /** not one of the organization's verified domains */
  | 'mailbox_other_domain'
  /** like one of them, or, where they are not known, like one that more rows have */
  | 'mailbox_look_alike_domain'
  | 'date_unreadable'
  | 'validity_reversed'
  | 'repeated'
  | 'contradiction'
  /** another row names the number, and its mailbox or time cannot be read */
  | 'other_row_unreadable'
  | 'too_many_periods'
  | 'quotes'
  /** a cell of several lines that look like rows: a quote that was closed by the quote of a later row */
  | 'swallowed_rows'
  /** something stands to the right of the last header: a delimiter within a cell moves what follows */
  | 'surplus_cell';

export interface RowError {
  readonly row: number;
  /** null: the row as a whole */
  readonly column: Column | null;
  /** as written, at most 100 characters; what cannot be seen is shown by its code point */
  readonly value: string;
  readonly problem: RowProblem;
  /** the two readings of an ambiguous number */
  readonly readings: readonly E164[];
  /** the row that it repeats or contradicts */
  readonly otherRow: number | null;
  /** the domain that the address's domain looks like */
  readonly similar?: string;
}

const LONGEST_VALUE = 100;

/** An error with its value as it is shown. */
export function errorOf(
  row: number,
  column: Column | null,
  value: string,
  problem: RowProblem,
  more: Partial<Pick<RowError, 'readings' | 'otherRow' | 'similar'>> = {},
): RowError {
  const shown = withInvisibleShown(value);
  const shortened = shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE - 1)}…` : shown;
  return { row, column, value: shortened, problem, readings: [], otherRow: null, ...more };
}
