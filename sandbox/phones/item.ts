/** Shapes of the archive feed, as the contract names them (`telemessage-archive`, schema Item). */

export interface Party {
  readonly mobile: string;
  readonly email: string | null;
  readonly name: string | null;
}

export interface AttachmentEntry {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  /** bytes */
  readonly size: number;
  /** lower-case hex */
  readonly sha256: string | null;
}

export interface Call {
  readonly status: 'answered' | 'missed' | 'rejected' | 'voicemail';
  readonly startTime: string;
  readonly endTime: string | null;
  readonly durationMs: number;
}

export interface ArchivedItem {
  readonly id: string;
  readonly type: string;
  readonly messageKey: string | null;
  readonly direction: 'incoming' | 'outgoing';
  readonly owner: Party;
  readonly sender: Party;
  readonly recipients: readonly Party[];
  readonly messageTime: string;
  readonly archivedTime: string;
  readonly conversationId: string | null;
  readonly groupName: string | null;
  readonly subject: string | null;
  readonly text: string | null;
  readonly attachments: readonly AttachmentEntry[];
  readonly call: Call | null;
  /** fields that the contract does not know: a client must ignore them */
  readonly [unknownField: `x${string}`]: unknown;
}

/** A place in the feed: entries are ordered by arrival, then id, then occurrence (the same item can come twice). */
export interface FeedPosition {
  /** archivedTime in ms since the epoch */
  readonly at: number;
  readonly id: string;
  readonly occurrence: number;
}

export interface FeedEntry extends FeedPosition {
  readonly item: ArchivedItem;
}

/** Below zero where `a` comes before `b` in the feed, zero for the same place. */
export function comparePositions(a: FeedPosition, b: FeedPosition): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.occurrence - b.occurrence;
}

/** The bytes behind an attachment entry. */
export interface AttachmentContent {
  readonly size: number;
  readonly sha256: string;
  /** bytes of [start, end), in pieces */
  read(start: number, end: number): Iterable<Uint8Array>;
}

/** All phones of one tenant under one archiver kind, seen as one feed. */
export interface Phones {
  /** Entries with archivedTime in [from, to), ms, in feed order; with `after`, only those behind that place. */
  archivedBetween(from: number, to: number, after?: FeedPosition): Iterable<FeedEntry>;
  /** The content of an attachment that one of these phones archived, or null where there is none of this id. */
  attachment(id: string): ArchivedAttachment | null;
}

export interface ArchivedAttachment {
  readonly entry: AttachmentEntry;
  readonly content: AttachmentContent;
  /** arrival of its item, ms since the epoch */
  readonly archivedAt: number;
}
