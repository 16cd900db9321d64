/** What the look-at pages may read of a mailbox, and what a mailbox owner does there. */

export interface FolderView {
  readonly id: string;
  /** null for a child of the mailbox's root */
  readonly parentId: string | null;
  readonly displayName: string;
  /** Graph's name for a folder that every mailbox has, null for the owner's own */
  readonly wellKnownName: string | null;
  readonly totalItemCount: number;
  readonly unreadItemCount: number;
}

export interface PartyView {
  readonly name: string;
  readonly address: string;
}

export interface MessageSummary {
  readonly id: string;
  readonly folderId: string;
  readonly subject: string;
  readonly from: PartyView | null;
  readonly toRecipients: readonly PartyView[];
  /** ISO 8601, UTC */
  readonly receivedDateTime: string;
  /** ISO 8601, UTC */
  readonly sentDateTime: string;
  readonly isDraft: boolean;
  readonly isRead: boolean;
  readonly hasAttachments: boolean;
}

export interface MessageView extends MessageSummary {
  readonly internetMessageId: string;
  readonly sender: PartyView | null;
  readonly ccRecipients: readonly PartyView[];
  readonly body: {
    readonly contentType: 'text' | 'html';
    /** null where `SANDBOX_KEEP_BODIES=no` dropped it */
    readonly content: string | null;
    /** SHA-256 of the UTF-8 content, hexadecimal */
    readonly sha256: string;
  };
  readonly internetMessageHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly singleValueExtendedProperties: readonly { readonly id: string; readonly value: string }[];
  /** bytes, with attachments */
  readonly size: number;
  /** when it was written into the mailbox; ISO 8601, UTC */
  readonly createdDateTime: string;
}

export interface AttachmentView {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  /** bytes */
  readonly size: number;
  readonly isInline: boolean;
  readonly contentId: string | null;
}

export interface MailboxReader {
  /** every folder, parents before children; empty when nothing was ever written to the mailbox */
  folders(userId: string): readonly FolderView[];
  /** newest received first */
  messages(userId: string, folderId: string, page: { skip: number; top: number }): readonly MessageSummary[];
  message(userId: string, messageId: string): MessageView | undefined;
  attachments(userId: string, messageId: string): readonly AttachmentView[];
  /** undefined when there is none, or when `SANDBOX_KEEP_BODIES=no` dropped the content */
  attachmentContent(userId: string, messageId: string, attachmentId: string): Uint8Array | undefined;
  /** false when there is no such message or folder */
  moveMessage(userId: string, messageId: string, folderId: string): boolean;
  /**
   * Delete as in Outlook: to Deleted Items, from there to the recoverable items. False when there is no such message,
   * or when it is in the recoverable items, where only a purge is left.
   */
  deleteMessage(userId: string, messageId: string): boolean;
  /** Ends a message in the recoverable items for good. False when it is not there. */
  purgeMessage(userId: string, messageId: string): boolean;
}
