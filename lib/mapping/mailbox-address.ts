/** Addresses of mailboxes as mapping files and TeleMessage write them. Pure; runs in the browser too. */
import { withoutInvisible } from './number.ts';

declare const mailboxAddress: unique symbol;
/** A syntactically sound address in lower case. Whether a mailbox has it, the directory knows. Made by this file only. */
export type MailboxAddress = string & { readonly [mailboxAddress]: 'MailboxAddress' };

export type AddressProblem =
  | 'empty'
  /** a cell that a spreadsheet would calculate */
  | 'formula'
  | 'not_an_address'
  /** letters that only look like others: Exchange addresses are ASCII */
  | 'look_alike';

export type AddressResult =
  | { readonly ok: true; readonly address: MailboxAddress }
  | { readonly ok: false; readonly problem: AddressProblem };

/** The dot-atom of RFC 5321 and a domain of at least two labels. */
const ADDRESS =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

export function parseAddress(text: string): AddressResult {
  const cleaned = withoutInvisible(text)
    .trim()
    .replace(/^'(?=[=+\-@])/, '') // our own downloads guard such cells against spreadsheets
    .replace(/^="(.*)"$/s, '$1')
    .replace(/^mailto:/i, '')
    .trim()
    .toLowerCase();
  if (cleaned === '') return { ok: false, problem: 'empty' };
  if (cleaned.startsWith('=')) return { ok: false, problem: 'formula' };
  if (/[^\x20-\x7e]/.test(cleaned)) return { ok: false, problem: 'look_alike' };
  return isMailboxAddress(cleaned) ? { ok: true, address: cleaned } : { ok: false, problem: 'not_an_address' };
}

/** Whether a text is an address in the form that `parseAddress` gives. */
export function isMailboxAddress(text: string): text is MailboxAddress {
  return text.length <= 254 && text.indexOf('@') <= 64 && ADDRESS.test(text);
}

/** What stands behind the @. */
export function domainOf(address: MailboxAddress): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
