/** A message as it lies in a mailbox: what a reader sees, and below it what Exchange keeps. */
import { type DeletionStage, deletionStage } from '../graph/deleting.ts';
import type { AttachmentView, FolderView, MailboxReader, MessageView, PartyView } from '../graph/views.ts';
import type { Person } from '../world/people.ts';
import { escaped, html, type Markup } from './html.ts';
import { facts, page, table } from './layout.ts';
import { folderPath, mailboxPath, messagePath } from './mailbox-page.ts';
import { bytes, utc } from './wording.ts';

/** Undefined where the mailbox has no such message. */
export function messagePage(mailboxes: MailboxReader, person: Person, messageId: string): string | undefined {
  const message = mailboxes.message(person.id, messageId);
  if (message === undefined) return undefined;
  const folders = mailboxes.folders(person.id);
  const folder = folders.find((one) => one.id === message.folderId);
  const attachments = mailboxes.attachments(person.id, messageId);
  return page({
    title: message.subject === '' ? '(no subject)' : message.subject,
    area: '/mailboxes',
    trail: [
      { path: '/mailboxes', name: 'Mailboxes' },
      { path: mailboxPath(person), name: person.displayName },
      ...(folder === undefined ? [] : [{ path: folderPath(person, folder, 1), name: folder.displayName }]),
    ],
    content: [
      facts([
        ['From', address(message.from)],
        ['To', message.toRecipients.map((one, at) => [at > 0 && html`<br>`, address(one)])],
        ...(message.ccRecipients.length > 0
          ? [['Cc', message.ccRecipients.map((one, at) => [at > 0 && html`<br>`, address(one)])] as const]
          : []),
        ['Sent', time(message.sentDateTime)],
        ['Received', time(message.receivedDateTime)],
        ['Class', messageClass(message)],
        ['Flags', flags(message)],
      ]),
      html`<section aria-label="Body">${body(person, message)}</section>`,
      attachments.length > 0 &&
        html`<section aria-labelledby="attachments"><h2 id="attachments">Attachments</h2>
<ul class="attachments">${attachments.map((one) => attachment(person, message, one))}</ul></section>`,
      kept(message),
      ownerActions(person, message, folders),
    ],
  });
}

function address(one: PartyView | null): Markup {
  if (one === null) return html`(nobody)`;
  return html`${one.name} <span class="quiet">&lt;${one.address}&gt;</span>`;
}

function time(value: string): Markup {
  return html`<time datetime="${value}">${utc(value)}</time>`;
}

/** PidTagMessageClass, which Graph shows as an extended property only. */
function messageClass(message: MessageView): string {
  const property = message.singleValueExtendedProperties.find((one) => /^String 0x0*1A$/i.test(one.id));
  return property?.value ?? 'IPM.Note';
}

function flags(message: MessageView): string {
  return `${message.isDraft ? 'Draft' : 'Not a draft'}, ${message.isRead ? 'read' : 'unread'}`;
}

function body(person: Person, message: MessageView): Markup {
  if (message.body.content === null) {
    return html`<p class="quiet">The content was dropped to its SHA-256: <code>${message.body.sha256}</code></p>`;
  }
  return message.body.contentType === 'text'
    ? html`<div class="body" dir="auto">${message.body.content}</div>`
    : html`<iframe class="body" title="Body of the message" sandbox="" src="${messagePath(person, message.id)}/body"></iframe>`;
}

/** What a browser may show of itself; everything else is a download. SVG can carry script and is not among them. */
export function shownInline(contentType: string): 'image' | 'audio' | 'video' | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) return 'image';
  if (/^video\/(mp4|webm)$/.test(type)) return 'video';
  return /^audio\/[a-z0-9.+-]+$/.test(type) ? 'audio' : null;
}

function attachment(person: Person, message: MessageView, one: AttachmentView): Markup {
  const path = `${messagePath(person, message.id)}/attachments/${encodeURIComponent(one.id)}`;
  const kind = shownInline(one.contentType);
  return html`<li class="card">
${kind === 'image' && html`<img src="${path}" alt="${one.name}" loading="lazy">`}
${kind === 'audio' && html`<audio controls preload="none" src="${path}" aria-label="${one.name}"></audio>`}
${kind === 'video' && html`<video controls preload="none" src="${path}" aria-label="${one.name}"></video>`}
<a href="${path}?download" download="${one.name}">${one.name}</a><br>
<small>${one.contentType}, ${bytes(one.size)}${one.isInline && ', inline'}</small></li>`;
}

function kept(message: MessageView): Markup {
  return html`<details><summary>Headers and properties</summary>
${facts([
  ['Internet message id', html`<code>${message.internetMessageId}</code>`],
  ['Id', html`<code>${message.id}</code>`],
  ['Written at', utc(message.createdDateTime)],
  ['Size', bytes(message.size)],
  ['SHA-256 of the body', html`<code>${message.body.sha256}</code>`],
])}
${
  message.internetMessageHeaders.length > 0 &&
  table(
    'Internet message headers',
    [
      { name: 'Name', cell: (one: { name: string; value: string }) => one.name },
      { name: 'Value', cell: (one) => one.value },
    ],
    message.internetMessageHeaders,
  )
}
${
  message.singleValueExtendedProperties.length > 0 &&
  table(
    'Extended properties',
    [
      { name: 'Id', cell: (one: { id: string; value: string }) => one.id },
      { name: 'Value', cell: (one) => one.value },
    ],
    message.singleValueExtendedProperties,
  )
}
</details>`;
}

function ownerActions(person: Person, message: MessageView, folders: readonly FolderView[]): Markup {
  const path = messagePath(person, message.id);
  return html`<details><summary>Do what ${person.displayName} could do</summary>
<form method="post" action="${path}/move"><div class="fields">
<div><label for="folder">Move to</label><select id="folder" name="folder">${folders
    .filter((one) => one.id !== message.folderId)
    .map((one) => html`<option value="${one.id}">${one.displayName}</option>`)}</select></div>
<div><button>Move message</button></div></div></form>
${deleteForm(path, deletionStage(folders, message.folderId))}</details>`;
}

/** Delete as in Outlook: what it does depends on where the message lies. */
function deleteForm(path: string, stage: DeletionStage): Markup {
  if (stage === 'kept') {
    return html`<form method="post" action="${path}/delete"><button>Delete message</button>
<small>It goes to Deleted Items.</small></form>`;
  }
  if (stage === 'deleted') {
    return html`<form method="post" action="${path}/delete"><button>Delete from Deleted Items</button>
<small>It goes to the recoverable items, where no list shows it.</small></form>`;
  }
  return html`<form method="post" action="${path}/purge"><button>Purge message</button>
<small>It is gone for good.</small></form>`;
}

/** The HTML body by itself, with the images that it refers to by content id as addresses of its attachments. */
export function bodyDocument(mailboxes: MailboxReader, person: Person, messageId: string): string | undefined {
  const message = mailboxes.message(person.id, messageId);
  if (message === undefined || message.body.content === null || message.body.contentType !== 'html') return undefined;
  const byContentId = new Map(
    mailboxes
      .attachments(person.id, messageId)
      .flatMap((one) => (one.contentId === null ? [] : [[one.contentId, one.id]])),
  );
  return message.body.content.replace(/(["'])cid:([^"']+)\1/gi, (whole, quote: string, reference: string) => {
    const id = byContentId.get(decodeReference(reference));
    return id === undefined
      ? whole
      : `${quote}${escaped(`${messagePath(person, messageId)}/attachments/${encodeURIComponent(id)}`)}${quote}`;
  });
}

function decodeReference(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}
