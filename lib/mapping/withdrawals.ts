/**
 * Rows that were given out before a later one, or the whole file, made errors of them. Their cells are not kept: the file
 * is read a second time for what they say. Pure; runs in the browser too.
 */
import type { CsvRecord } from './csv-records.ts';
import type { HeaderPositions } from './headers.ts';
import type { Numbered } from './number-index.ts';
import { errorOf, type RowError } from './row-error.ts';

export class Withdrawals {
  /** to the later row, negative where that cannot be read for certain: an object each would be too much memory */
  readonly #contradicted = new Map<number, number>();
  /** to the domain that the row's domain looks like */
  readonly #lookAlike = new Map<number, string>();

  get size(): number {
    return this.#contradicted.size + this.#lookAlike.size;
  }

  contradicted(row: number, later: Pick<Numbered, 'row' | 'certain'>): void {
    this.#contradicted.set(row, later.certain ? later.row : -later.row);
  }

  /** Said once every row is compared: a contradicted row has its error. */
  lookedLike(row: number, similar: string): void {
    if (!this.#contradicted.has(row)) this.#lookAlike.set(row, similar);
  }

  /** Ascending. */
  rows(): number[] {
    return [...this.#contradicted.keys(), ...this.#lookAlike.keys()].toSorted((a, b) => a - b);
  }

  /** With the value as it is written. Null where the row was not withdrawn. */
  errorOf({ row, cells }: CsvRecord, positions: HeaderPositions): RowError | null {
    const later = this.#contradicted.get(row);
    if (later !== undefined) {
      const problem = later > 0 ? 'contradiction' : 'other_row_unreadable';
      return errorOf(row, 'number', cells[positions.number] ?? '', problem, { otherRow: Math.abs(later) });
    }
    const similar = this.#lookAlike.get(row);
    if (similar === undefined) return null;
    return errorOf(row, 'mailbox', cells[positions.mailbox] ?? '', 'mailbox_look_alike_domain', { similar });
  }
}
