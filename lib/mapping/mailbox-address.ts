/** Addresses of mailboxes as mapping files and TeleMessage write them. Pure; runs in the browser too. */
import { cellText } from './cell-text.ts';
import { hasInvisible } from './invisible.ts';

declare const mailboxAddress: unique symbol;
/** A syntactically sound address in lower case. Whether a mailbox has it, the directory knows. Made by this file only. */
export type MailboxAddress = string & { readonly [mailboxAddress]: 'MailboxAddress' };

export type AddressProblem =
  | 'empty'
  /** zero-width characters, direction marks, control characters: what is read may not be what is seen */
  | 'invisible'
  /** a cell that a spreadsheet would calculate */
  | 'formula'
  | 'not_an_address'
  /** letters of another script that look like a to z */
  | 'look_alike'
  /** letters with accents and other signs that no address of Exchange has */
  | 'not_ascii';

export type AddressResult =
  | { readonly ok: true; readonly address: MailboxAddress }
  | { readonly ok: false; readonly problem: AddressProblem };

/** The dot-atom of RFC 5321 and a domain of at least two labels. */
const ADDRESS =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** Of other scripts than Latin, as far as they have letters in the shape of Latin ones. Full-width letters are Latin. */
const OTHER_SCRIPT =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}\uff01-\uff5e]/u;

export function parseAddress(text: string): AddressResult {
  if (hasInvisible(text)) return { ok: false, problem: 'invisible' };
  const cleaned = cellText(text)
    .replace(/^mailto:/i, '')
    .trim()
    .toLowerCase();
  if (cleaned === '') return { ok: false, problem: 'empty' };
  if (cleaned.startsWith('=')) return { ok: false, problem: 'formula' };
  // A spreadsheet's mark for text was taken off already. A second one may be meant or not, so it is no address for certain.
  if (cleaned.startsWith("'")) return { ok: false, problem: 'not_an_address' };
  if (isMailboxAddress(cleaned)) return { ok: true, address: cleaned };
  const strange = strangeLetter(cleaned);
  if (strange === null) return { ok: false, problem: 'not_an_address' };
  return { ok: false, problem: OTHER_SCRIPT.test(strange) ? 'look_alike' : 'not_ascii' };
}

/** The letter or sign of a text that an address cannot have and that says most about it; null where there is none. */
export function strangeLetter(text: string): string | null {
  return OTHER_SCRIPT.exec(text)?.[0] ?? /[^\x20-\x7e]/u.exec(text)?.[0] ?? null;
}

/** Whether a text is an address in the form that `parseAddress` gives. */
export function isMailboxAddress(text: string): text is MailboxAddress {
  return text.length <= 254 && text.indexOf('@') <= 64 && ADDRESS.test(text);
}

/** What stands behind the @. */
export function domainOf(address: MailboxAddress): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
