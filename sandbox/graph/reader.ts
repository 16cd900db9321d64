/** The mailboxes as the look-at pages see them. */
import { type DeletionStage, deletionStage, deletionTarget } from './deleting.ts';
import { attachmentId, folderId, immutableMessageId, parseAttachmentId, parseFolderId, parseMessageId } from './ids.ts';
import { RECOVERABLE, ROOT } from './mailbox-schema.ts';
import type { MailboxStore } from './mailbox-store.ts';
import { extendedProperties } from './message-json.ts';
import type { FolderCounts, FolderRow, MessageRow } from './rows.ts';
import type { UploadSessions } from './upload-sessions.ts';
import type { FolderView, MailboxReader, MessageSummary, MessageView } from './views.ts';

export function mailboxReader(store: MailboxStore, clock: () => Date, uploads: UploadSessions): MailboxReader {
  const find = (userId: string, messageId: string): MessageRow | undefined => {
    const key = parseMessageId(messageId);
    return key && store.messages.find(store.mailbox(userId), key.message);
  };

  const folders = (userId: string): readonly FolderView[] => {
    const mailbox = store.mailbox(userId);
    const root = store.folders.wellKnown(mailbox, ROOT);
    const recoverable = store.folders.wellKnown(mailbox, RECOVERABLE);
    if (!root) return [];
    return [...descendants(store, mailbox, root), ...(recoverable ? [recoverable] : [])].map((folder) =>
      folderView(folder, root, store.folders.counts(folder.seq)),
    );
  };
  const stageOf = (userId: string, row: MessageRow): DeletionStage =>
    deletionStage(folders(userId), folderId(row.folder));

  return {
    folders,
    messages: (userId, id, page) => {
      const folder = parseFolderId(id);
      return folder === undefined ? [] : store.messages.page(store.mailbox(userId), folder, page).map(summary);
    },
    message: (userId, messageId) => {
      const row = find(userId, messageId);
      return row && view(row);
    },
    attachments: (userId, messageId) => {
      const row = find(userId, messageId);
      if (!row) return [];
      return store.attachments
        .of(row.seq, 'without content')
        .map(({ seq, name, contentType, size, isInline, contentId }) => ({
          id: attachmentId(row.seq, seq),
          name,
          contentType,
          size,
          isInline,
          contentId,
        }));
    },
    attachmentContent: (userId, messageId, id) => {
      const row = find(userId, messageId);
      const key = parseAttachmentId(id);
      if (!row || key?.message !== row.seq) return undefined;
      const uploaded = uploads.content(key.attachment);
      if (uploaded) return Buffer.concat([...uploaded]);
      return store.attachments.find(row.seq, key.attachment)?.content ?? undefined;
    },
    moveMessage: (userId, messageId, id) => {
      const row = find(userId, messageId);
      const folder = parseFolderId(id);
      if (!row || folder === undefined || !store.folders.find(store.mailbox(userId), folder)) return false;
      store.messages.move(row.seq, folder, clock().getTime());
      store.commit();
      return true;
    },
    deleteMessage: (userId, messageId) => {
      const row = find(userId, messageId);
      const target = row && deletionTarget(stageOf(userId, row));
      const folder = target === undefined ? undefined : store.folders.wellKnown(store.mailbox(userId), target);
      if (!row || !folder) return false;
      store.messages.move(row.seq, folder.seq, clock().getTime());
      store.commit();
      return true;
    },
    purgeMessage: (userId, messageId) => {
      const row = find(userId, messageId);
      if (!row || stageOf(userId, row) !== 'recoverable') return false;
      store.atomic(() => {
        for (const { seq } of store.attachments.of(row.seq, 'without content')) uploads.forget(seq);
        store.messages.purge(row.seq);
      });
      store.commit();
      return true;
    },
  };
}

/** Parents before children. */
function descendants(store: MailboxStore, mailbox: number, parent: FolderRow): readonly FolderRow[] {
  return store.folders.children(mailbox, parent.seq).flatMap((child) => [child, ...descendants(store, mailbox, child)]);
}

function folderView(folder: FolderRow, root: FolderRow, counts: FolderCounts): FolderView {
  return {
    id: folderId(folder.seq),
    parentId: folder.parent === null || folder.parent === root.seq ? null : folderId(folder.parent),
    displayName: folder.wellKnown === RECOVERABLE ? 'Recoverable items' : folder.displayName,
    wellKnownName: folder.wellKnown,
    totalItemCount: counts.totalItemCount,
    unreadItemCount: counts.unreadItemCount,
  };
}

function summary(row: MessageRow): MessageSummary {
  return {
    id: immutableMessageId(row.seq),
    folderId: folderId(row.folder),
    subject: row.fields.subject,
    from: row.fields.from,
    toRecipients: row.fields.to,
    receivedDateTime: new Date(row.received).toISOString(),
    sentDateTime: new Date(row.sent).toISOString(),
    isDraft: row.isDraft,
    isRead: row.isRead,
    hasAttachments: row.attachments > 0,
  };
}

function view(row: MessageRow): MessageView {
  return {
    ...summary(row),
    internetMessageId: row.internetMessageId,
    sender: row.fields.sender,
    ccRecipients: row.fields.cc,
    body: { contentType: row.bodyType, content: row.body, sha256: row.bodySha256 },
    internetMessageHeaders: row.fields.headers,
    singleValueExtendedProperties: extendedProperties(row),
    size: row.size,
    createdDateTime: new Date(row.created).toISOString(),
  };
}
