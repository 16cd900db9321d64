/** One `$batch` of creates: rendered, sent under a deadline, and each answer taken for what is certain. */
import { renderCreate } from '../../mail/plan.ts';
import { AttachmentLostError } from '../../mailbox/attach.ts';
import { type CreateRequest, type CreateResult, createMessage, createMessages } from '../../mailbox/create.ts';
import { ensureFolder } from '../../mailbox/folders.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import type { CallOptions } from '../../microsoft/graph.ts';
import { GraphError, type GraphFailure } from '../../microsoft/graph-errors.ts';
import type { ReasonCode } from '../reasons.ts';
import { bytesOf, isWholeAtOnce, whole } from './complete.ts';
import { KnownFolders } from './known-folders.ts';
import { nameOf, PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** Where what a batch leads to goes on. */
export interface Onward {
  /** the message is there and lacks attachments */
  complete(ready: Ready, messageId: string): void;
}

/**
 * Met while a folder was looked for or made: no word about the messages that are to go into it, and otherwise soon. A token
 * was refused twice; somebody removed the folder just after another request had made it.
 */
const SAYS_NOTHING: ReadonlySet<GraphFailure> = new Set(['token_refused', 'folder_exists', 'bad_answer']);

/** A batch of texts is some tens of kilobytes. */
const LARGE_BYTES = 512 * 1024;

/** A copy whose message is rendered and whose folder is known. */
interface Sendable extends CreateRequest {
  readonly ready: Ready;
}

export class Sender {
  readonly #work: ShardWork;
  readonly #onward: Onward;
  readonly #folders: KnownFolders;

  constructor(work: ShardWork, onward: Onward) {
    this.#work = work;
    this.#onward = onward;
    this.#folders = new KnownFolders(work.graph, work.deps.clock);
  }

  /** Sends claimed copies of at most 20 mailboxes, of which each may have a folder for each kind. Every copy is settled, or stays in doubt. */
  async send(batch: readonly Ready[]): Promise<void> {
    const isLarge = batch.reduce((sum, { bytes }) => sum + bytes, 0) > LARGE_BYTES;
    // Thirty-two shards with eight batches of photos each would be gigabytes.
    if (isLarge) await this.#work.deps.inTurn(() => this.#send(batch));
    else await this.#send(batch);
  }

  async #send(batch: readonly Ready[]): Promise<void> {
    const work = this.#work;
    const folders = await this.#foldersOf(batch);
    const requests: Sendable[] = [];
    for (const ready of batch) {
      const folderId = folders.get(ready);
      const json = folderId === undefined ? null : await this.#render(ready);
      if (folderId !== undefined && json !== null) requests.push({ ready, userId: ready.userId, folderId, json });
    }
    if (requests.length === 0) return;
    const allowed = work.allowance(Math.min(...requests.map(({ ready }) => ready.validUntil)));
    if (!allowed) {
      for (const { ready } of requests) work.handBack(ready, 0);
      return;
    }
    const began = this.#work.deps.clock.monotonic();
    let results: CreateResult[];
    try {
      results = await createMessages(work.graph, requests, allowed);
    } catch (error) {
      // Only what is certain to have sent nothing throws here: there was no token.
      if (!(error instanceof AppTokenError)) throw error;
      await this.#halt(error, requests);
      return;
    }
    const answered = requests.flatMap((request, index) => {
      const result = results[index];
      return result ? [{ request, result }] : [];
    });
    // Pauses first: what follows from another answer may be a request to the same mailbox.
    const isPause = ({ result }: { readonly result: CreateResult }): boolean => result.kind === 'not_sent';
    for (const { request, result } of answered.toSorted((a, b) => Number(isPause(b)) - Number(isPause(a)))) {
      if (result.kind === 'batch_refused') await this.#sendAlone(request, result.error);
      else await this.#accept(request.ready, result, began);
    }
  }

  /** What one message of a batch makes Graph refuse must not be counted against the others. */
  async #sendAlone(request: Sendable, refusal: GraphError): Promise<void> {
    const work = this.#work;
    const { ready } = request;
    const allowed = this.#allowance(ready);
    if (!allowed) return this.#handBack(ready);
    work.deps.log.warn(
      { deliveryId: ready.delivery.id, code: refusal.code, requestId: refusal.requestId },
      'a batch was refused as a whole: its messages are sent one by one',
    );
    await this.#createAlone(request, allowed);
  }

  /**
   * A message that is too large with its attachments, or of which one is lost, is made without them. Each is then added by
   * itself, and what the mailbox refuses or is lost is said in a note.
   */
  async #sendBare(ready: Ready): Promise<void> {
    const folderId = this.#folders.idOf(ready);
    const allowed = this.#allowance(ready);
    if (folderId === undefined || !allowed) return this.#handBack(ready);
    const bare: Ready = { ...ready, plan: ready.barePlan() };
    const json = await this.#render(bare);
    if (json !== null) await this.#createAlone({ ready: bare, userId: ready.userId, folderId, json }, allowed);
  }

  /** What one more request for a copy may take; null where none is to be made now. */
  #allowance({ userId, validUntil }: Ready): CallOptions | null {
    const { halted, pauses } = this.#work;
    const allowed = halted || pauses.secondsOf(userId) > 0 ? null : this.#work.allowance(validUntil);
    return allowed && { ...allowed, beforeSending: () => pauses.throwIfPaused(userId) };
  }

  #handBack(ready: Ready): void {
    this.#work.handBack(ready, this.#work.pauses.secondsOf(ready.userId));
  }

  async #createAlone(request: Sendable, allowed: CallOptions): Promise<void> {
    const began = this.#work.deps.clock.monotonic();
    try {
      await this.#accept(request.ready, await createMessage(this.#work.graph, request, allowed), began);
    } catch (error) {
      if (!(error instanceof AppTokenError)) throw error;
      await this.#halt(error, [request]);
    }
  }

  async #halt(error: AppTokenError, unsent: readonly Sendable[]): Promise<void> {
    await this.#work.halt(error, unsent[0]?.ready.delivery.sourceId);
    for (const { ready } of unsent) this.#work.handBack(ready, PAUSE_SECONDS);
  }

  async #accept(ready: Ready, result: CreateResult, began: number): Promise<void> {
    const { delivery } = ready;
    switch (result.kind) {
      case 'created':
        if (isWholeAtOnce(ready)) this.#work.settle(delivery, whole(ready, result.messageId, ready.plan.contentHash));
        else this.#onward.complete(ready, result.messageId);
        return;
      case 'in_doubt':
        // Without an answer it may still be worked on, as long as its deadline allows: a shutdown ends our waiting, not that.
        this.#work.settle(delivery, {
          state: 'sending',
          inSeconds: 0,
          absent: false,
          ...(result.error === null ? { perhapsUnderWay: true } : {}),
        });
        return;
      case 'not_sent':
        // Where the batch was refused, every further one would be refused alike, and each refusal counts against us.
        this.#pause(ready, result.error, result.whole === true && result.error.failure === 'throttled');
        return;
      case 'refused':
      case 'batch_refused':
        await this.#refused(ready, result.error, began);
    }
  }

  #pause(ready: Ready, error: GraphError, everybody = false): void {
    this.#work.handBack(ready, this.#work.pause(everybody ? null : ready.userId, error));
  }

  async #refused(ready: Ready, error: GraphError, began: number): Promise<void> {
    const { deps, organizationId } = this.#work;
    const { delivery } = ready;
    const fail = (reason: ReasonCode): void => this.#work.settle(delivery, { state: 'failed', reason });
    switch (error.failure) {
      case 'mailbox_full':
        return fail('mailbox_full');
      case 'too_large':
        if (ready.plan.attachments.some(({ route }) => route === 'create')) return this.#sendBare(ready);
        return fail('too_large');
      case 'no_mailbox':
      case 'no_such_user':
        return this.#work.settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
      case 'item_not_found':
        // Somebody removed the folder: it is made anew.
        await deps.ledger.forgetFolder(organizationId, ready.folderName, ready.userId);
        this.#folders.forget(ready);
        return this.#work.handBack(ready, 1);
      case 'forbidden':
      case 'blocked_by_policy':
        if ((await this.#work.meaningOfForbidden(delivery.sourceId, began)) === 'closed_mailbox')
          return fail('access_denied');
        return this.#work.handBack(ready, 0);
      default:
        deps.log.error(
          { deliveryId: delivery.id, code: error.code, requestId: error.requestId },
          'Graph refuses a message of ours',
        );
        return fail('refused_message');
    }
  }

  /** Where a folder cannot be had now, the copies that are to go into it are missing, and settled. */
  async #foldersOf(batch: readonly Ready[]): Promise<ReadonlyMap<Ready, string>> {
    const found = await Promise.all(
      [...Map.groupBy(batch, ({ userId }) => userId).values()].map(this.#foldersOfMailbox),
    );
    return new Map(found.flat());
  }

  /** An organization has connectors of several kinds, whose copies meet in a mailbox: each goes into its own kind's folder. */
  readonly #foldersOfMailbox = async (copies: readonly Ready[]): Promise<(readonly [Ready, string])[]> => {
    const found: (readonly [Ready, string])[] = [];
    for (const into of Map.groupBy(copies, ({ folderName }) => folderName).values()) {
      const folderId = await this.#folderOf(into);
      if (folderId !== null) found.push(...into.map((ready) => [ready, folderId] as const));
    }
    return found;
  };

  /** @param copies of one mailbox and folder; settled where it is null */
  async #folderOf(copies: readonly Ready[]): Promise<string | null> {
    const [first] = copies;
    if (!first) return null;
    const { deps, organizationId, graph } = this.#work;
    const { folderName, userId } = first;
    const known = this.#folders.idOf(first);
    if (known !== undefined) return known;
    const allowed = this.#work.allowance(Math.min(...copies.map(({ validUntil }) => validUntil)));
    if (!allowed) {
      for (const ready of copies) this.#work.handBack(ready, 0);
      return null;
    }
    const began = this.#work.deps.clock.monotonic();
    try {
      const folderId = await ensureFolder(graph, userId, folderName, allowed);
      await deps.ledger.rememberFolder(organizationId, folderName, userId, folderId);
      this.#folders.add(first, folderId, began);
      return folderId;
    } catch (error) {
      if (error instanceof AppTokenError) await this.#work.halt(error, first.delivery.sourceId);
      for (const ready of copies) {
        if (!(error instanceof GraphError)) this.#work.handBack(ready, PAUSE_SECONDS);
        else if (error.kind === 'transient' || error.inDoubt || SAYS_NOTHING.has(error.failure))
          this.#pause(ready, error);
        else await this.#refused(ready, error, began);
      }
      return null;
    }
  }

  /** Null where it cannot be made now; the copy is settled then. */
  async #render(ready: Ready): Promise<string | null> {
    try {
      const bytes = new Map<string, Uint8Array>();
      for (const attachment of ready.plan.attachments) {
        if (attachment.route !== 'create' || attachment.content !== null) continue;
        const parts: Uint8Array[] = [];
        for await (const part of bytesOf(this.#work, ready, attachment, 0)) parts.push(part);
        bytes.set(attachment.id, Buffer.concat(parts));
      }
      return renderCreate(ready.plan, bytes);
    } catch (error) {
      if (this.#work.hardStop.aborted) {
        this.#work.handBack(ready, 0);
        return null;
      }
      if (error instanceof AttachmentLostError) {
        await this.#sendBare(ready);
        return null;
      }
      this.#work.deps.log.error(
        { deliveryId: ready.delivery.id, name: nameOf(error) },
        'a message cannot be made from its staged content',
      );
      this.#work.handBack(ready, 60);
      return null;
    }
  }
}
