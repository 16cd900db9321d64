/**
 * The rules of a mapping row, and what later rows must know of earlier ones. Pure; runs in the browser too.
 *
 * Whatever cannot be read for certain is an error with its row, column, value and reason, and an erroneous row is never
 * among the rows.
 */
import type { CsvRecord } from './csv-records.ts';
import type { Column, HeaderPositions } from './headers.ts';
import { withInvisibleShown } from './invisible.ts';
import { DomainRows, lookedLike } from './look-alike-domains.ts';
import { type AddressProblem, domainOf, type MailboxAddress, parseAddress } from './mailbox-address.ts';
import { type E164, type NumberProblem, parseNumber, type Region } from './number.ts';
import { NumberIndex } from './number-index.ts';
import { parseValidity, type Validity } from './validity.ts';

/** A row that can be applied. `row` counts as a spreadsheet does: the header is 1. */
export interface MappingRow {
  readonly row: number;
  readonly number: E164;
  readonly mailbox: MailboxAddress;
  readonly validity: Validity;
}

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

export interface RowOptions {
  /** in which national numbers are read */
  readonly region: Region;
  /** lower case; where given and not empty, addresses of other domains are errors */
  readonly verifiedDomains?: ReadonlySet<string> | undefined;
}

/** Where the table's cells stand. */
export interface Layout {
  readonly positions: HeaderPositions;
  /** cells of the header, empty ones counted */
  readonly width: number;
  readonly delimiter: string;
}

/** What became of some records. */
export interface Batch {
  readonly rows: MappingRow[];
  readonly errors: RowError[];
}

type DomainProblem = { readonly problem: RowProblem; readonly more: Pick<RowError, 'similar'> } | null;

export class RowCheck {
  /** records taken */
  seen = 0;
  /** rows given out */
  given = 0;
  /** records with at least one error */
  erroneous = 0;
  /** rows that were given out before something later made errors of them */
  readonly withdrawn = new Set<number>();
  readonly #index = new NumberIndex();
  readonly #options: RowOptions;
  readonly #layout: Layout;
  /** what was found of each domain, where the organization's are known */
  readonly #domains = new Map<string, DomainProblem>();
  /** where they are not known */
  readonly #domainRows: DomainRows | null;

  constructor(options: RowOptions, layout: Layout) {
    this.#options = options;
    this.#layout = layout;
    this.#domainRows = (options.verifiedDomains?.size ?? 0) > 0 ? null : new DomainRows();
  }

  take(record: CsvRecord, batch: Batch): void {
    this.seen += 1;
    const before = batch.errors.length;
    const row = this.#read(record, batch.errors);
    if (row !== null && this.#compare(row, record.cells[this.#layout.positions.number] ?? '', batch.errors)) {
      batch.rows.push(row);
      this.given += 1;
      this.#domainRows?.add(domainOf(row.mailbox), row.row);
    }
    // A contradiction adds an error of an earlier row, too.
    for (let at = before; at < batch.errors.length; at += 1) {
      if (batch.errors[at]?.row !== record.row) continue;
      this.erroneous += 1;
      break;
    }
  }

  /** What only the whole file shows, in lists of some thousand. Withdraws the rows that it is about. */
  *finish(): Generator<readonly RowError[]> {
    for (const { domain, similar, rows } of this.#domainRows?.lookAlikes() ?? []) {
      for (let from = 0; from < rows.length; from += FINISHED_SET) {
        const some = rows.slice(from, from + FINISHED_SET).filter((row) => !this.withdrawn.has(row));
        for (const row of some) this.withdrawn.add(row);
        yield some.map((row) => errorOf(row, 'mailbox', domain, 'mailbox_look_alike_domain', { similar }));
      }
    }
  }

  #read(record: CsvRecord, errors: RowError[]): MappingRow | null {
    const { row, cells } = record;
    const { positions } = this.#layout;
    const before = errors.length;
    this.#readShape(record, errors);

    const writtenNumber = cells[positions.number] ?? '';
    const number = parseNumber(writtenNumber, this.#options.region);
    if (!number.ok) {
      errors.push(errorOf(row, 'number', writtenNumber, `number_${number.problem}`, { readings: number.readings }));
    }

    const writtenMailbox = cells[positions.mailbox] ?? '';
    const mailbox = parseAddress(writtenMailbox);
    if (!mailbox.ok) errors.push(errorOf(row, 'mailbox', writtenMailbox, `mailbox_${mailbox.problem}`));
    else {
      const wrong = this.#domainProblem(domainOf(mailbox.address));
      if (wrong !== null) errors.push(errorOf(row, 'mailbox', writtenMailbox, wrong.problem, wrong.more));
    }

    const validity = this.#readValidity(record, errors);
    if (errors.length > before || !number.ok || !mailbox.ok) return null;
    return { row, number: number.number, mailbox: mailbox.address, validity };
  }

  /** Quotes and delimiters that are not where they should be. */
  #readShape({ row, cells, badQuotes }: CsvRecord, errors: RowError[]): void {
    const { width, delimiter } = this.#layout;
    if (badQuotes) errors.push(errorOf(row, null, cells.join(' '), 'quotes'));
    const swallowed = cells.find((cell) => LINE_END.test(cell) && cell.includes(delimiter) && cell.includes('@'));
    if (swallowed !== undefined) errors.push(errorOf(row, null, swallowed, 'swallowed_rows'));
    if (cells.length <= width) return;
    const surplus = cells.slice(width).find((cell) => cell.trim() !== '');
    if (surplus !== undefined) errors.push(errorOf(row, null, surplus, 'surplus_cell'));
  }

  #readValidity({ row, cells }: CsvRecord, errors: RowError[]): Validity {
    const { validFrom, validTo } = this.#layout.positions;
    if (validFrom === null && validTo === null) return ALWAYS;
    const writtenFrom = validFrom === null ? '' : (cells[validFrom] ?? '');
    const writtenTo = validTo === null ? '' : (cells[validTo] ?? '');
    const from = parseValidity(writtenFrom, 'from');
    if (from === undefined) errors.push(errorOf(row, 'validFrom', writtenFrom, 'date_unreadable'));
    const to = parseValidity(writtenTo, 'to');
    if (to === undefined) errors.push(errorOf(row, 'validTo', writtenTo, 'date_unreadable'));
    if (from && to && from >= to) errors.push(errorOf(row, 'validTo', writtenTo, 'validity_reversed'));
    return { from: from ?? null, to: to ?? null };
  }

  #domainProblem(domain: string): DomainProblem {
    const { verifiedDomains } = this.#options;
    if (this.#domainRows !== null || verifiedDomains === undefined || verifiedDomains.has(domain)) return null;
    const known = this.#domains.get(domain);
    if (known !== undefined) return known;
    const similar = lookedLike(domain, verifiedDomains);
    const found: DomainProblem =
      similar === null
        ? { problem: 'mailbox_other_domain', more: {} }
        : { problem: 'mailbox_look_alike_domain', more: { similar } };
    // A file of a million domains is not worth a million memories.
    if (this.#domains.size < MOST_REMEMBERED) this.#domains.set(domain, found);
    return found;
  }

  /** Whether no earlier row speaks of the same number and time. A contradicted earlier row is withdrawn as well. */
  #compare(row: MappingRow, written: string, errors: RowError[]): boolean {
    const addition = this.#index.add(row.number, row.mailbox, row.validity, row.row);
    if (addition.kind === 'added') return true;
    const otherRow = addition.kind === 'too_many_periods' ? null : addition.row;
    errors.push(errorOf(row.row, 'number', written, addition.kind, { otherRow }));
    // Nobody can tell which of the two is right: leaving out one would be a choice that nobody made.
    if (addition.kind === 'contradiction' && !this.withdrawn.has(addition.row)) {
      this.withdrawn.add(addition.row);
      errors.push(errorOf(addition.row, 'number', row.number, 'contradiction', { otherRow: row.row }));
    }
    return false;
  }
}

const ALWAYS: Validity = { from: null, to: null };
const MOST_REMEMBERED = 1_000;
const LINE_END = /[\r\n]/;
const FINISHED_SET = 1_000;
const LONGEST_VALUE = 100;

function errorOf(
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
