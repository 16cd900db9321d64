/** What is written into a mailbox, checked and complete. */
import type { MessageFields } from './rows.ts';

export interface NewAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly isInline: boolean;
  readonly contentId: string | null;
}

/** An attachment whose bytes came by an upload session and stay with it. */
export interface UploadedAttachment extends Omit<NewAttachment, 'content'> {
  readonly size: number;
  readonly sha256: string;
}

export interface NewMessage {
  readonly mailbox: number;
  readonly folder: number;
  /** epoch milliseconds */
  readonly received: number;
  readonly sent: number;
  readonly created: number;
  readonly internetMessageId: string;
  readonly isDraft: boolean;
  readonly isRead: boolean;
  readonly bodyType: 'text' | 'html';
  readonly body: string;
  readonly fields: MessageFields;
  readonly attachments: readonly NewAttachment[];
}

/** A message as it is to be; without `body` that stays. */
export interface MessageChange {
  readonly isRead: boolean;
  readonly modified: number;
  readonly internetMessageId: string;
  readonly size: number;
  readonly bodyType: 'text' | 'html';
  readonly body: string | undefined;
  readonly fields: MessageFields;
}
