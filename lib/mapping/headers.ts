/** The columns of a mapping file, under every name that this product and its predecessors gave them. Pure. */
import { withoutInvisible } from './invisible.ts';

export type Column = 'number' | 'mailbox' | 'validFrom' | 'validTo';

/** What we write ourselves. */
export const WRITTEN_HEADERS: Readonly<Record<Column, string>> = {
  number: 'ExternalUserId',
  mailbox: 'O365UserMailbox',
  validFrom: 'ValidFrom',
  validTo: 'ValidTo',
};

/** Letters and digits of the accepted names in lower case: the connector family's, TeleMessage's, the seed's words. */
const NAMES: Readonly<Record<string, Column>> = {
  externaluserid: 'number',
  usersmobilenumber: 'number',
  usermobilenumber: 'number',
  mobilenumber: 'number',
  o365usermailbox: 'mailbox',
  microsoft365usermailbox: 'mailbox',
  microsoft365mailboxaddress: 'mailbox',
  microsoft365mailbox: 'mailbox',
  m365usermailbox: 'mailbox',
  validfrom: 'validFrom',
  validto: 'validTo',
};

/** The position of each column, null where an optional one is absent. */
export interface HeaderPositions {
  readonly number: number;
  readonly mailbox: number;
  readonly validFrom: number | null;
  readonly validTo: number | null;
}

export type HeaderResult =
  | { readonly ok: true; readonly positions: HeaderPositions }
  /** `found` are the headers as written, at most 20 of 60 characters each */
  | {
      readonly ok: false;
      readonly problem: 'missing' | 'twice';
      readonly column: Column;
      readonly found: readonly string[];
    };

/** Finds the columns by their names, in any order and case. Other columns are allowed and left alone. */
export function readHeaders(cells: readonly string[]): HeaderResult {
  const found = cells
    .map(visible)
    .filter((cell) => cell !== '')
    .slice(0, 20);
  const positions = new Map<Column, number>();
  for (const [position, cell] of cells.entries()) {
    const column = columnOf(cell);
    if (column === null) continue;
    if (positions.has(column)) return { ok: false, problem: 'twice', column, found };
    positions.set(column, position);
  }
  const number = positions.get('number');
  const mailbox = positions.get('mailbox');
  if (number === undefined) return { ok: false, problem: 'missing', column: 'number', found };
  if (mailbox === undefined) return { ok: false, problem: 'missing', column: 'mailbox', found };
  return {
    ok: true,
    positions: {
      number,
      mailbox,
      validFrom: positions.get('validFrom') ?? null,
      validTo: positions.get('validTo') ?? null,
    },
  };
}

function columnOf(cell: string): Column | null {
  const key = cell
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return (Object.hasOwn(NAMES, key) ? NAMES[key] : undefined) ?? null;
}

function visible(cell: string): string {
  const text = withoutInvisible(cell).trim();
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
