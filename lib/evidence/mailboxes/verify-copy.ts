/** One copy, looked at in its mailbox: by its message's id, and where that is not known any more by its item's property. */
import type { Clock } from '../../imports/clock.ts';
import { Pauses } from '../../imports/delivery/pauses.ts';
import type { ImportDeps } from '../../imports/deps.ts';
import { type ItemScope, itemPropertyId, itemPropertyValue } from '../../mail/identity.ts';
import { NoContentError } from '../../mailbox/attachment-content.ts';
import { findFolder } from '../../mailbox/folders.ts';
import { listCopies } from '../../mailbox/look-up.ts';
import { readBack } from '../../mailbox/read-back.ts';
import type { Download } from '../../microsoft/download.ts';
import type { CallOptions, Graph } from '../../microsoft/graph.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import type { LedgerCopy, VerifiedConnector } from './copies.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface VerifyDeps extends Pick<ImportDeps, 'ledger' | 'mailFacts' | 'graph'> {
  readonly clock: Clock;
  /** waits; throws the signal's reason where that is aborted before */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly download: (organizationId: string) => Download;
  /** longest time of one request, and of one that brings an attachment */
  readonly requestSeconds: number;
  readonly streamSeconds: number;
}

/** How often a mailbox is asked that fails, beside pauses that it asks for. */
const ATTEMPTS = 4;
/** Pauses in a row after which a copy is left unread: a mailbox that is throttled for an hour is somebody's matter. */
const PAUSES = 60;

const unread = (code: string): Verdict => ({ result: 'unread', comparedWith: null, contentHash: null, code });
/** Nowhere in the mailbox that its owner sees. */
const gone: Verdict = { result: 'missing', comparedWith: null, contentHash: null, code: null };

export class CopyVerifier {
  readonly #deps: VerifyDeps;
  readonly #connector: VerifiedConnector;
  readonly #signal: AbortSignal;
  /** the archive's folder by mailbox */
  readonly #folders = new Map<string, Promise<string | null>>();

  constructor(deps: VerifyDeps, connector: VerifiedConnector, signal: AbortSignal) {
    this.#deps = deps;
    this.#connector = connector;
    this.#signal = signal;
  }

  /**
   * Waits for as long as the mailbox asks, and for transient failures a few times.
   *
   * @param inTurn holds one of the places of all requests together: nobody has one while it waits
   * @throws AppTokenError; the signal's reason
   */
  async verify(copy: LedgerCopy, inTurn: <T>(work: () => Promise<T>) => Promise<T>): Promise<Verdict> {
    const pauses = Pauses.of(this.#deps, this.#connector.organizationId, copy.userId);
    for (let failures = 0, paused = 0; ; ) {
      this.#signal.throwIfAborted();
      await pauses.read();
      const wait = Math.max(pauses.secondsOf(copy.userId), pauses.secondsOf(null));
      if (wait > 0) {
        if (++paused > PAUSES) return unread('throttled');
        await this.#deps.sleep(wait * 1000, this.#signal);
        continue;
      }
      try {
        return await inTurn(() => this.#look(copy));
      } catch (error) {
        if (error instanceof NoContentError) {
          return { result: 'changed', comparedWith: null, contentHash: null, code: 'attachment_without_content' };
        }
        if (!(error instanceof GraphError)) throw error;
        if (error.retryAfterSeconds !== null) {
          // For whoever would ask next, in this process or another.
          pauses.add(copy.userId, error.retryAfterSeconds);
          await pauses.write();
          if (++paused > PAUSES) return unread(error.code);
        } else if (error.kind !== 'transient' || ++failures >= ATTEMPTS) {
          return unread(error.failure);
        } else await this.#deps.sleep(1000 * 2 ** failures, this.#signal);
      }
    }
  }

  async #look(copy: LedgerCopy): Promise<Verdict> {
    const folderId = await this.#folderOf(copy.userId);
    const found = await this.#read(copy.userId, copy.messageId);
    if (found !== null && found.parentFolderId === folderId) return verdictOf(copy, folderId, found);
    // Its id leads to it also where it was deleted and can still be recovered; the mailbox's list does not have it then.
    const property = this.#propertyOf(copy.sourceItemId);
    const listed = await listCopies(this.#graph, copy.userId, property, this.#reading());
    if (found !== null && listed.some(({ id }) => id === copy.messageId)) return verdictOf(copy, folderId, found);
    // Moved to another mailbox store, or restored from a backup: another id, and the same property.
    for (const { id } of listed) {
      const other = await this.#read(copy.userId, id);
      if (other !== null) return verdictOf(copy, folderId, other);
    }
    return found === null ? gone : { ...gone, code: 'recoverable' };
  }

  get #graph(): Graph {
    return this.#deps.graph(this.#connector.organizationId);
  }

  #read(userId: string, messageId: string) {
    const download = this.#deps.download(this.#connector.organizationId);
    const time = { reading: () => this.#reading(), streaming: () => this.#within(this.#deps.streamSeconds) };
    return readBack(this.#graph, download, userId, messageId, time);
  }

  #reading(): CallOptions {
    return this.#within(this.#deps.requestSeconds);
  }

  #within(seconds: number): CallOptions {
    return { signal: AbortSignal.any([this.#signal, this.#deps.clock.timeout(seconds * 1000)]) };
  }

  /** As the ledger remembers it, else as the mailbox says. Asked once; a failure is not remembered. */
  #folderOf(userId: string): Promise<string | null> {
    const known = this.#folders.get(userId);
    if (known !== undefined) return known;
    const asked = this.#findFolder(userId);
    this.#folders.set(userId, asked);
    asked.catch(() => this.#folders.delete(userId));
    return asked;
  }

  async #findFolder(userId: string): Promise<string | null> {
    const { organizationId, kind } = this.#connector;
    const { folderName } = this.#deps.mailFacts(kind);
    const remembered = await this.#deps.ledger.rememberedFolders(organizationId, folderName, [userId]);
    return remembered.get(userId) ?? findFolder(this.#graph, userId, folderName, this.#reading());
  }

  #propertyOf(sourceItemId: string) {
    const { organizationId, kind, accountId: account } = this.#connector;
    const scope: ItemScope = { organizationId, kind, account };
    const { itemIdProperty } = this.#deps.mailFacts(kind);
    return { id: itemPropertyId(itemIdProperty), value: itemPropertyValue(scope, sourceItemId) };
  }
}
