/** How the pages write times, sizes, numbers and addresses. */
import type { MailboxKind } from '../world/people.ts';
import { type Content, html } from './html.ts';

export const mailboxMeanings: Readonly<Record<MailboxKind, string>> = {
  user: 'User mailbox',
  shared: 'Shared mailbox',
  none: 'No mailbox',
  onPremises: 'Mailbox elsewhere',
  full: 'Full: refuses new messages',
};

/** `2026-11-21 06:14:09 UTC`; a text that is no time stays as it is. */
export function utc(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `640 B`, `12.4 kB`, `16.4 MB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** `1 message`, `1,204 messages`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}

/** An address that may break after its `@`, in a table too. */
export function mailAddress(address: string): Content {
  const at = address.indexOf('@') + 1;
  return html`${address.slice(0, at)}<wbr>${address.slice(at)}`;
}
