/**
 * The port through which items reach the product. `telemessage/` implements it for the pull feed; a source that delivers
 * export files implements the same port.
 */

/** Half-open range of time [from, to). */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** The source's clock. Every item that arrived before `settledThrough` is visible and will not change its arrival. */
export interface SourceClock {
  readonly now: Date;
  readonly settledThrough: Date;
  readonly earliestRetained: Date;
}

/** A page of raw items, in the source's order. `nextCursor` null ends the feed. Items are unparsed: nothing is trusted. */
export interface ItemPage {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** What the source says it holds for a window, to reconcile against. */
export interface Manifest {
  /** distinct items */
  readonly count: number;
  readonly attachmentBytes: number;
}

export type SourceUserStatus = 'activated' | 'pending' | 'suspended' | 'locked' | 'deleted';

/** A person whose phone is registered at the source. */
export interface SourceUser {
  readonly mobile: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly status: SourceUserStatus;
  readonly lastArchivedTime: string | null;
}

/** The bytes of an attachment from `offset` on. `totalSize` is the whole length in bytes as the source states it now. */
export interface AttachmentStream {
  readonly body: AsyncIterable<Uint8Array>;
  readonly totalSize: number | null;
  /** strong validator; a resumed download whose etag differs must start again */
  readonly etag: string | null;
}

export interface ArchiveSource {
  clock(signal?: AbortSignal): Promise<SourceClock>;
  /** @param limit items a page, 1 to 1000 */
  items(range: TimeRange, cursor: string | null, limit: number, signal?: AbortSignal): Promise<ItemPage>;
  manifest(range: TimeRange, signal?: AbortSignal): Promise<Manifest>;
  users(signal?: AbortSignal): AsyncIterable<SourceUser>;
  attachment(id: string, offset: number, signal?: AbortSignal): Promise<AttachmentStream>;
}

/** What the account side of a source answers at sign-in. */
export interface SourceAccount {
  readonly id: string;
  readonly name: string;
}

/** *Connector status with source*: what the site knows of a registered connector. */
export interface SourceConnectorStatus {
  readonly id: string;
  readonly status: 'active' | 'suspended';
  readonly lastArchivedTime: string | null;
  readonly devices: number | null;
  readonly dormantDevices: number | null;
}

/** A source with its account side: what wizard and settings ask, beside what the engine does. Every method throws `SourceError`. */
export interface SignedInSource extends ArchiveSource {
  /** whose account the credentials open; its id tells accounts apart */
  account(signal?: AbortSignal): Promise<SourceAccount>;
  /** idempotent by `clientReference`, the connector's id */
  register(clientReference: string, signal?: AbortSignal): Promise<{ readonly id: string }>;
  /** one that is gone already is a success */
  unregister(id: string, signal?: AbortSignal): Promise<void>;
  connectorStatus(id: string, signal?: AbortSignal): Promise<SourceConnectorStatus>;
}

/**
 * Why a source call failed, in the three classes of the product: `transient` is tried again with backoff, `customer`
 * stops the connector and tells the administrator what to do, `ours` fails loudly and keeps the data.
 */
export type SourceFailure =
  | 'invalid_credentials'
  /** this username was refused so often that we send nothing for it now; nothing was sent */
  | 'login_paused'
  | 'suspended'
  | 'pin_required'
  | 'kind_not_ordered'
  /** the credentials are good, but of another account than the caller's */
  | 'other_account'
  | 'throttled'
  | 'unreachable'
  | 'not_settled'
  | 'cursor_expired'
  | 'bad_window'
  | 'attachment_not_ready'
  | 'attachment_gone'
  | 'attachment_changed'
  | 'answer_too_large'
  | 'not_found'
  | 'bad_answer';

/** The only error that sources throw. The message carries no credential and no content. */
export class SourceError extends Error {
  override name = 'SourceError';
  readonly failure: SourceFailure;
  /** seconds that the source, or we, ask to wait, where that is known */
  readonly retryAfterSeconds: number | null;
  constructor(failure: SourceFailure, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.failure = failure;
    this.retryAfterSeconds = retryAfterSeconds;
  }
  get class(): 'transient' | 'customer' | 'ours' {
    switch (this.failure) {
      case 'throttled':
      case 'login_paused':
      case 'unreachable':
      case 'not_settled':
      case 'cursor_expired':
      case 'attachment_not_ready':
      case 'attachment_changed':
      case 'answer_too_large':
        return 'transient';
      case 'invalid_credentials':
      case 'suspended':
      case 'pin_required':
      case 'kind_not_ordered':
      case 'other_account':
      case 'attachment_gone':
        return 'customer';
      default:
        return 'ours';
    }
  }
}
