/** A mailbox: its folders as a tree, and the messages of one of them, newest first. */
import type { FolderView, MailboxReader, MessageSummary, PartyView } from '../graph/views.ts';
import type { Person } from '../world/people.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import { counted, utc } from './wording.ts';

const MESSAGES_A_PAGE = 50;

export interface MailboxQuery {
  /** id or name; the fullest folder when missing or unknown */
  readonly folder: string | undefined;
  /** 1 is the newest */
  readonly page: number;
}

export function mailboxPage(mailboxes: MailboxReader, person: Person, query: MailboxQuery): string {
  const folders = mailboxes.folders(person.id);
  const folder = chosenFolder(folders, query.folder);
  return page({
    title: person.displayName,
    area: '/mailboxes',
    trail: [{ path: '/mailboxes', name: 'Mailboxes' }],
    content: html`<p class="quiet">${person.mail ?? person.userPrincipalName}</p>
${
  folder === undefined
    ? html`<p>Nothing was ever written to this mailbox.</p>`
    : html`<div class="mailbox">
<nav class="folders" aria-label="Folders">${tree(person, folders, null, folder)}</nav>
<section aria-labelledby="folder">${listed(mailboxes, person, folder, query.page)}</section>
</div>`
}`,
  });
}

function chosenFolder(folders: readonly FolderView[], wanted: string | undefined): FolderView | undefined {
  const named = folders.find((one) => one.id === wanted) ?? folders.find((one) => one.displayName === wanted);
  return named ?? [...folders].sort((a, b) => b.totalItemCount - a.totalItemCount)[0];
}

function tree(person: Person, folders: readonly FolderView[], parentId: string | null, open: FolderView): Markup {
  return html`<ul>${folders
    .filter((one) => one.parentId === parentId)
    .map(
      (one) => html`<li><a href="${folderPath(person, one, 1)}"${one.id === open.id && html` aria-current="true"`}>
<span>${one.displayName}</span><span class="quiet">${one.totalItemCount.toLocaleString('en')}</span></a>
${folders.some((child) => child.parentId === one.id) && tree(person, folders, one.id, open)}</li>`,
    )}</ul>`;
}

function listed(mailboxes: MailboxReader, person: Person, folder: FolderView, asked: number): Markup {
  const pages = Math.max(1, Math.ceil(folder.totalItemCount / MESSAGES_A_PAGE));
  const number = Math.min(asked, pages);
  const skip = (number - 1) * MESSAGES_A_PAGE;
  const messages = mailboxes.messages(person.id, folder.id, { skip, top: MESSAGES_A_PAGE });
  return html`<h2 id="folder">${folder.displayName}</h2>
<p class="quiet">${counted(folder.totalItemCount, 'message')}, ${folder.unreadItemCount.toLocaleString('en')} unread. Newest first.</p>
${messages.length === 0 ? html`<p>This folder is empty.</p>` : html`<ul class="messages">${messages.map((one) => row(person, one))}</ul>`}
${
  pages > 1 &&
  html`<nav class="pager" aria-label="Pages of messages">
<span>${number > 1 && html`<a rel="prev" href="${folderPath(person, folder, number - 1)}">Newer</a>`}</span>
<span class="quiet">Page ${number} of ${pages}</span>
<span>${number < pages && html`<a rel="next" href="${folderPath(person, folder, number + 1)}">Older</a>`}</span>
</nav>`
}`;
}

function row(person: Person, message: MessageSummary): Markup {
  const flags = [message.isDraft && 'Draft', message.hasAttachments && 'Attachments'].filter((flag) => flag !== false);
  return html`<li><a href="${messagePath(person, message.id)}"${!message.isRead && html` class="unread"`}>
<span class="subject">${message.subject === '' ? '(no subject)' : message.subject}</span>
<time datetime="${message.receivedDateTime}">${utc(message.receivedDateTime)}</time>
<span class="parties">${party(message.from)} → ${message.toRecipients.map((one, at) => [at > 0 && ', ', party(one)])}</span>
${flags.length > 0 && html`<span class="flags">${flags.join(', ')}</span>`}
</a></li>`;
}

export function party(one: PartyView | null): Content {
  if (one === null) return '(nobody)';
  return one.name === '' || one.name === one.address ? one.address : one.name;
}

export function mailboxPath(person: Person): string {
  return `/mailboxes/${encodeURIComponent(person.userPrincipalName)}`;
}

export function folderPath(person: Person, folder: { readonly id: string }, number: number): string {
  const query = new URLSearchParams({ folder: folder.id, ...(number > 1 ? { page: String(number) } : {}) });
  return `${mailboxPath(person)}?${query}`;
}

export function messagePath(person: Person, messageId: string): string {
  return `${mailboxPath(person)}/messages/${encodeURIComponent(messageId)}`;
}
