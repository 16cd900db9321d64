/** A mailbox of a simulated Microsoft 365, what lies in it, and what it says to everybody. */

export interface User {
  readonly id: string;
  readonly mail: string;
  /** further addresses */
  readonly aliases: readonly string[];
  readonly name: string;
  /** false: nobody knows them any more, and their mailbox is kept for the day on which they come back */
  inDirectory: boolean;
  hasMailbox: boolean;
  /** it had none, or nobody knew them, at some time */
  wasGone: boolean;
  full: boolean;
  /** at some time */
  wasFull: boolean;
  /** a policy keeps this application out */
  closed: boolean;
  wasClosed: boolean;
  /** a message cannot be larger; null: as large as a request */
  limitBytes: number | null;
  /** it had such a limit at some time */
  wasLimited: boolean;
  /** what it began with: that is raised sometimes */
  readonly leastLimitBytes: number | null;
  /** its content stays when the mailbox goes and comes back */
  readonly mailbox: Mailbox;
}

export type NewUser = Omit<
  User,
  'mailbox' | 'inDirectory' | 'wasGone' | 'wasFull' | 'closed' | 'wasClosed' | 'wasLimited' | 'leastLimitBytes'
>;

export interface Attachment {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Message {
  readonly id: string;
  folderId: string;
  readonly createdAt: number;
  /** of the item's named property */
  readonly property: string;
  readonly internetMessageId: string;
  readonly attachments: Attachment[];
  /** without its attachments */
  readonly bareBytes: number;
  /** took effect later than anybody allows for */
  readonly surplus: boolean;
  removedBy: 'person' | 'product' | null;
}

export interface Mailbox {
  readonly folders: Map<string, { readonly name: string; deleted: boolean }>;
  readonly messages: Map<string, Message>;
  /** requests that are being worked on */
  underWay: number;
  /** searches answer as of so many milliseconds ago, until then */
  lagMs: number;
  lagsUntil: number;
}

/** An answer of Graph, and the body that it has. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const refusal = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  body: { error: { code, message: code, innerError: { 'request-id': 'simulated' } } },
});

/** Whether a message may have so many bytes more. */
export function fits(
  { limitBytes }: Pick<User, 'limitBytes'>,
  { bareBytes, attachments }: Pick<Message, 'bareBytes' | 'attachments'>,
  more: number,
): boolean {
  return (
    limitBytes === null || attachments.reduce((sum, { bytes }) => sum + bytes.length, bareBytes + more) <= limitBytes
  );
}

/** What a mailbox says to whatever is asked of it; null where it lets us in. */
export function refusalOfMailbox({ inDirectory, hasMailbox, closed }: User, mayWriteMail: boolean): Reply | null {
  if (!inDirectory) return refusal(404, 'ErrorInvalidUser');
  if (!hasMailbox) return refusal(404, 'MailboxNotEnabledForRESTAPI');
  return closed || !mayWriteMail ? refusal(403, 'ErrorAccessDenied') : null;
}
