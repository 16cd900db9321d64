/**
 * The rules of a mapping row, and what later rows must know of earlier ones. Pure; runs in the browser too.
 *
 * Whatever cannot be read for certain is an error with its row, column, value and reason, and an erroneous row is never
 * among the rows.
 */
import type { CsvRecord } from './csv-records.ts';
import type { HeaderPositions } from './headers.ts';
import { DomainRows, lookedLike } from './look-alike-domains.ts';
import { domainOf, type MailboxAddress, parseAddress } from './mailbox-address.ts';
import { type E164, parseNumber, type Region } from './number.ts';
import { NumberIndex } from './number-index.ts';
import { errorOf, type RowError, type RowProblem } from './row-error.ts';
import { parseValidity, type Validity } from './validity.ts';
import { Withdrawals } from './withdrawals.ts';

/** A row that can be applied. `row` counts as a spreadsheet does: the header is 1. */
export interface MappingRow {
  readonly row: number;
  readonly number: E164;
  readonly mailbox: MailboxAddress;
  readonly validity: Validity;
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

interface Period {
  readonly validity: Validity;
  readonly legible: boolean;
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
  readonly withdrawals = new Withdrawals();
  readonly #index = new NumberIndex((row, later) => this.withdrawals.contradicted(row, later));
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
    if (row !== null) {
      batch.rows.push(row);
      this.given += 1;
      this.#domainRows?.add(domainOf(row.mailbox), row.row);
    }
    if (batch.errors.length > before) this.erroneous += 1;
  }

  /** What only the whole file shows: `withdrawals` is whole then. */
  finish(): void {
    for (const { similar, rows } of this.#domainRows?.lookAlikes() ?? []) {
      for (const row of rows) this.withdrawals.lookedLike(row, similar);
    }
  }

  /** The error of a record that was withdrawn. Null for all others. */
  withdrawalOf(record: CsvRecord): RowError | null {
    return this.withdrawals.errorOf(record, this.#layout.positions);
  }

  /** @returns the row, where it is to be given out */
  #read(record: CsvRecord, errors: RowError[]): MappingRow | null {
    const { row, cells } = record;
    const { positions } = this.#layout;
    const before = errors.length;
    this.#readShape(record, errors);
    // Where cells have moved, nobody can say which is which.
    const inPlace = errors.length === before;

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

    const { validity, legible } = this.#readValidity(record, errors);
    if (!number.ok) return null;
    const address = mailbox.ok && inPlace ? mailbox.address : null;
    const addition = this.#index.add({
      row,
      number: number.number,
      mailbox: address,
      validity: inPlace ? validity : ALWAYS,
      certain: address !== null && legible,
      erroneous: errors.length > before,
    });
    if (addition.kind === 'given' && address !== null)
      return { row, number: number.number, mailbox: address, validity };
    if (addition.kind !== 'given' && addition.kind !== 'erroneous') {
      const otherRow = addition.kind === 'too_many_periods' ? null : addition.row;
      errors.push(errorOf(row, 'number', writtenNumber, addition.kind, { otherRow }));
    }
    return null;
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

  /** The time that the row speaks of; where that cannot be read (not `legible`), the longest that it may be. */
  #readValidity({ row, cells }: CsvRecord, errors: RowError[]): Period {
    const { validFrom, validTo } = this.#layout.positions;
    if (validFrom === null && validTo === null) return { validity: ALWAYS, legible: true };
    const before = errors.length;
    const writtenFrom = validFrom === null ? '' : (cells[validFrom] ?? '');
    const writtenTo = validTo === null ? '' : (cells[validTo] ?? '');
    const from = parseValidity(writtenFrom, 'from');
    if (from === undefined) errors.push(errorOf(row, 'validFrom', writtenFrom, 'date_unreadable'));
    const to = parseValidity(writtenTo, 'to');
    if (to === undefined) errors.push(errorOf(row, 'validTo', writtenTo, 'date_unreadable'));
    const reversed = from && to && from >= to;
    if (reversed) errors.push(errorOf(row, 'validTo', writtenTo, 'validity_reversed'));
    const validity = reversed ? ALWAYS : { from: from ?? null, to: to ?? null };
    return { validity, legible: errors.length === before };
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
}

const ALWAYS: Validity = { from: null, to: null };
const MOST_REMEMBERED = 1_000;
const LINE_END = /[\r\n]/;
