/** One `$batch` of creates: rendered, sent under a deadline, and each answer taken for what is certain. */
import { renderCreate } from '../../mail/plan.ts';
import { type CreateResult, createMessages } from '../../mailbox/create.ts';
import { ensureFolder } from '../../mailbox/folders.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import type { ReasonCode } from '../reasons.ts';
import { forgetFolder, rememberedFolders, rememberFolder } from '../store/folders.ts';
import { bytesOf, isWholeAtOnce, whole } from './complete.ts';
import { nameOf, PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** Where what a batch leads to goes on. */
export interface Onward {
  /** the message is there and lacks attachments */
  complete(ready: Ready, messageId: string): void;
  /** a mailbox is to be left alone: what waits for it is put off */
  putOff(userId: string, seconds: number): void;
}

export class Sender {
  readonly #work: ShardWork;
  readonly #onward: Onward;
  readonly #folders = new Map<string, string>();

  constructor(work: ShardWork, onward: Onward) {
    this.#work = work;
    this.#onward = onward;
  }

  /** Sends claimed copies of at most 20 mailboxes, each with one folder. Every copy is settled, or stays in doubt. */
  async send(batch: readonly Ready[]): Promise<void> {
    const work = this.#work;
    const requests: { readonly ready: Ready; readonly folderId: string; readonly json: string }[] = [];
    for (const ready of batch) {
      const folderId = await this.#folderOf(ready);
      const json = folderId === null ? null : await this.#render(ready);
      if (folderId !== null && json !== null) requests.push({ ready, folderId, json });
    }
    if (requests.length === 0) return;
    const allowed = work.allowance(Math.min(...requests.map(({ ready }) => ready.validUntil)));
    if (!allowed) {
      for (const { ready } of requests) work.handBack(ready, 0);
      return;
    }
    let results: CreateResult[];
    try {
      results = await createMessages(
        work.graph,
        requests.map(({ ready, folderId, json }) => ({ userId: ready.userId, folderId, json })),
        allowed,
      );
    } catch (error) {
      // Only what is certain to have sent nothing throws here: there was no token.
      if (!(error instanceof AppTokenError)) throw error;
      await work.halt(error, batch[0]?.delivery.sourceId);
      for (const { ready } of requests) work.handBack(ready, PAUSE_SECONDS);
      return;
    }
    for (const [index, { ready }] of requests.entries()) {
      const result = results[index];
      if (result) await this.#accept(ready, result);
    }
  }

  async #accept(ready: Ready, result: CreateResult): Promise<void> {
    const { delivery } = ready;
    switch (result.kind) {
      case 'created':
        if (isWholeAtOnce(ready)) this.#work.settle(delivery, whole(ready, result.messageId, []));
        else this.#onward.complete(ready, result.messageId);
        return;
      case 'in_doubt':
        this.#work.settle(delivery, { state: 'sending', inSeconds: 0, absent: false });
        return;
      case 'not_sent':
        this.#pause(ready, result.error);
        return;
      case 'refused':
        await this.#refused(ready, result.error);
    }
  }

  #pause(ready: Ready, error: GraphError): void {
    const seconds = this.#work.pause(ready.userId, error);
    this.#work.handBack(ready, seconds);
    this.#onward.putOff(ready.userId, seconds);
  }

  async #refused(ready: Ready, error: GraphError): Promise<void> {
    const { deps, organizationId } = this.#work;
    const { delivery } = ready;
    const fail = (reason: ReasonCode): void => this.#work.settle(delivery, { state: 'failed', reason });
    switch (error.failure) {
      case 'mailbox_full':
        return fail('mailbox_full');
      case 'too_large':
        return fail('too_large');
      case 'no_mailbox':
      case 'no_such_user':
        return this.#work.settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
      case 'item_not_found':
        // Somebody removed the folder: it is made anew.
        await forgetFolder(deps.pool, organizationId, ready.folderName, ready.userId);
        this.#folders.delete(folderKey(ready));
        return this.#work.handBack(ready, 1);
      case 'forbidden':
      case 'blocked_by_policy':
        if (await this.#work.mayWriteMail(delivery.sourceId)) return fail('access_denied');
        return this.#work.handBack(ready, PAUSE_SECONDS);
      default:
        deps.log.error(
          { deliveryId: delivery.id, code: error.code, requestId: error.requestId },
          'Graph refuses a message of ours',
        );
        return fail('refused_message');
    }
  }

  /** Null where it cannot be had now; the copy is settled then. */
  async #folderOf(ready: Ready): Promise<string | null> {
    const { deps, organizationId, graph } = this.#work;
    const { folderName, userId } = ready;
    const key = folderKey(ready);
    const known =
      this.#folders.get(key) ?? (await rememberedFolders(deps.pool, organizationId, folderName, [userId])).get(userId);
    if (known !== undefined) {
      this.#folders.set(key, known);
      return known;
    }
    const allowed = this.#work.allowance(ready.validUntil);
    if (!allowed) {
      this.#work.handBack(ready, 0);
      return null;
    }
    try {
      const folderId = await ensureFolder(graph, userId, folderName, allowed);
      await rememberFolder(deps.pool, organizationId, folderName, userId, folderId);
      this.#folders.set(key, folderId);
      return folderId;
    } catch (error) {
      if (error instanceof AppTokenError) await this.#work.halt(error, ready.delivery.sourceId);
      if (error instanceof GraphError && error.kind !== 'transient' && !error.inDoubt)
        await this.#refused(ready, error);
      else if (error instanceof GraphError) this.#pause(ready, error);
      else this.#work.handBack(ready, PAUSE_SECONDS);
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
      this.#work.deps.log.error(
        { deliveryId: ready.delivery.id, name: nameOf(error) },
        'a message cannot be made from its staged content',
      );
      this.#work.handBack(ready, 60);
      return null;
    }
  }
}

function folderKey({ folderName, userId }: Ready): string {
  return `${folderName}\n${userId}`;
}
