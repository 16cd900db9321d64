/**
 * Deliver: writes what is due into the mailboxes of one shard, for whichever import it is owed.
 *
 * The protocol, whose every step survives the death of this process:
 * 1. a copy is claimed as `sending` with a deadline, in a committed transaction, before any request;
 * 2. no request outlives that deadline or the shard's lease;
 * 3. what Graph certainly did is written; what it certainly did not goes back to `pending`;
 * 4. anything else stays `sending` and is looked up after its deadline and the late-commit allowance, twice before
 *    "absent" counts, and only then sent again.
 */
import { performance } from 'node:perf_hooks';
import type { PlannedAttachment } from '../mail/attachments.ts';
import { renderCreate } from '../mail/plan.ts';
import { completeAttachments } from '../mailbox/attach.ts';
import { type CreateResult, createMessages } from '../mailbox/create.ts';
import { ensureFolder } from '../mailbox/folders.ts';
import { findCopies } from '../mailbox/look-up.ts';
import { MailboxQueues } from '../mailbox/pack.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { unwrapDataKey } from '../security/sealing.ts';
import { attachmentName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import { type HeldLease, holdShard } from './lease-guard.ts';
import { type PreparedDelivery, prepareDeliveries } from './prepare.ts';
import { handleProblem } from './problems.ts';
import type { ReasonCode } from './reasons.ts';
import { dataKeyContext } from './stage-attachments.ts';
import { liveConnector, type RunningConnector } from './store/connectors.ts';
import { type ClaimedDelivery, claimToLookUp, claimToSend, type Settlement, settle } from './store/deliveries.ts';
import { forgetFolder, rememberedFolders, rememberFolder } from './store/folders.ts';
import { deliveredImports } from './store/imports.ts';

/** Copies in hand: enough to fill the batches in flight, few enough that a crash leaves little to look up. */
const CLAIM = 200;
/** `$batch` requests in flight for one shard. */
const IN_FLIGHT = 8;
/** Results are written in sets of this many, or when there is nothing else to do. */
const FLUSH = 200;
/** A pause where Graph refuses without saying for how long. */
const PAUSE_SECONDS = 10;
/** After a stop was asked for, requests under way may take this long. */
const STOP_MS = 12_000;

/** Delivers what is due in a shard. Returns when nothing is, when another worker has the shard, or when asked to stop. */
export async function deliverShard(
  deps: ImportDeps,
  organizationId: string,
  shard: number,
  signal: AbortSignal,
): Promise<void> {
  const held = await holdShard(deps.pool, organizationId, shard, deps.owner, deps.settings.shardLeaseSeconds);
  if (!held) return;
  try {
    await new ShardDelivery(deps, held, organizationId, signal).run();
  } finally {
    await held.release();
  }
}

interface Ready extends PreparedDelivery {
  readonly userId: string;
  readonly bytes: number;
  /** monotonic milliseconds until which a request for it may live */
  readonly validUntil: number;
}

class ShardDelivery {
  readonly #deps: ImportDeps;
  readonly #held: HeldLease;
  readonly #organizationId: string;
  readonly #stop: AbortSignal;
  readonly #hardStop = new AbortController();
  readonly #graph: Graph;
  readonly #queues = new MailboxQueues<Ready>();
  /** work on one mailbox alone: completing attachments, looking up */
  readonly #singles: { readonly userId: string; readonly run: () => Promise<void> }[] = [];
  readonly #busy = new Set<string>();
  readonly #flying = new Set<Promise<void>>();
  readonly #settled = new Map<string, { delivery: ClaimedDelivery; settlement: Settlement }>();
  /** mailboxes that Graph asked us to leave alone, until when */
  readonly #pauses = new Map<string, number>();
  readonly #folders = new Map<string, string>();
  readonly #connectors = new Map<string, RunningConnector>();
  /** something that concerns every mailbox: nothing more is claimed */
  #halted = false;
  #lookedUp = false;
  #exhausted = false;

  constructor(deps: ImportDeps, held: HeldLease, organizationId: string, stop: AbortSignal) {
    this.#deps = deps;
    this.#held = held;
    this.#organizationId = organizationId;
    this.#stop = stop;
    this.#graph = deps.graph(organizationId);
  }

  async run(): Promise<void> {
    const onStop = (): void => {
      setTimeout(() => this.#hardStop.abort(), STOP_MS).unref();
    };
    this.#stop.addEventListener('abort', onStop, { once: true });
    try {
      for (;;) {
        if (this.#ends) this.#handBackAll();
        else await this.#claimMore();
        this.#launch();
        if (this.#settled.size >= FLUSH || this.#flying.size === 0) await this.#flush();
        if (this.#flying.size > 0) await Promise.race(this.#flying);
        else if (this.#queues.size === 0 && this.#singles.length === 0 && (this.#ends || this.#exhausted)) break;
      }
    } finally {
      this.#stop.removeEventListener('abort', onStop);
      await Promise.allSettled(this.#flying);
      await this.#flush();
    }
  }

  get #ends(): boolean {
    return this.#stop.aborted || this.#halted || this.#held.remainingMs() <= 0;
  }

  async #claimMore(): Promise<void> {
    if (this.#exhausted || this.#queues.size + this.#singles.length >= CLAIM / 2) return;
    const { lateCommitSeconds, shardLeaseSeconds } = this.#deps.settings;
    const claim = { limit: CLAIM, seconds: shardLeaseSeconds, exceptUserIds: this.#paused() };
    if (!this.#lookedUp) {
      const doubtful = await claimToLookUp(this.#deps.pool, this.#held.lease, { ...claim, lateCommitSeconds });
      if (doubtful.length > 0) {
        await this.#prepare(doubtful, performance.now() + shardLeaseSeconds * 1000, (ready) =>
          this.#addDoubtful(ready),
        );
        return;
      }
      this.#lookedUp = true;
    }
    const asked = performance.now();
    const claimed = await claimToSend(this.#deps.pool, this.#held.lease, claim);
    if (claimed.length === 0) {
      // What this run settled in doubt, or created without its attachments, is the next run's.
      this.#exhausted = true;
      return;
    }
    await this.#prepare(claimed, asked + shardLeaseSeconds * 1000, (ready) => this.#queues.add(ready));
  }

  async #prepare(claimed: readonly ClaimedDelivery[], validUntil: number, add: (ready: Ready) => void): Promise<void> {
    for (const { connectorId } of claimed) {
      if (this.#connectors.has(connectorId)) continue;
      const connector = await liveConnector(this.#deps.pool, this.#organizationId, connectorId);
      if (connector) this.#connectors.set(connectorId, connector);
    }
    const open = new Set(claimed);
    try {
      for await (const one of prepareDeliveries(this.#deps, this.#connectors, claimed, this.#hardStop.signal)) {
        open.delete(one.delivery);
        if (one.kind === 'put_off') this.#settle(one.delivery, this.#keepDoubt(one.delivery, one.settlement));
        else add({ ...one, userId: one.delivery.userId, bytes: one.plan.createBytes, validUntil });
      }
    } catch (error) {
      // Staging or the source cannot be read now. Nothing of the rest was sent.
      await this.#haltFor(error, claimed[0]?.connectorId);
      for (const delivery of open)
        this.#settle(delivery, this.#keepDoubt(delivery, { state: 'pending', inSeconds: PAUSE_SECONDS, reason: null }));
    }
  }

  /** A copy in doubt stays so until a mailbox answered, whatever else goes wrong with it. */
  #keepDoubt(delivery: ClaimedDelivery & { readonly state?: string }, settlement: Settlement): Settlement {
    if (settlement.state !== 'pending' || delivery.state === undefined) return settlement;
    if (delivery.messageId !== null)
      return { state: 'created', messageId: delivery.messageId, inSeconds: settlement.inSeconds };
    return { state: 'sending', inSeconds: settlement.inSeconds, absent: false };
  }

  #launch(): void {
    for (let i = 0; i < this.#singles.length && this.#flying.size < IN_FLIGHT; ) {
      const single = this.#singles[i];
      if (!single || this.#busy.has(single.userId)) {
        i++;
        continue;
      }
      this.#singles.splice(i, 1);
      this.#fly(new Set([single.userId]), single.run());
    }
    while (this.#flying.size < IN_FLIGHT) {
      const batch = this.#queues.nextBatch(this.#busy);
      if (batch.length === 0) return;
      this.#fly(new Set(batch.map(({ userId }) => userId)), this.#send(batch));
    }
  }

  #fly(userIds: ReadonlySet<string>, work: Promise<void>): void {
    for (const userId of userIds) this.#busy.add(userId);
    const flight = work.finally(() => {
      for (const userId of userIds) this.#busy.delete(userId);
      this.#flying.delete(flight);
    });
    // A failure is met where the flights are awaited; until then it must not count as nobody's.
    flight.catch(() => {});
    this.#flying.add(flight);
  }

  /** A signal that ends with the time that a request may take, or null where there is not enough of it left. */
  #deadline(validUntil: number): AbortSignal | null {
    const timeout = this.#deps.settings.graphTimeoutSeconds * 1000;
    const remaining = Math.min(validUntil - performance.now(), this.#held.remainingMs());
    if (remaining < Math.min(timeout, (this.#deps.settings.shardLeaseSeconds * 1000) / 2)) return null;
    return AbortSignal.any([this.#hardStop.signal, AbortSignal.timeout(Math.min(timeout, remaining))]);
  }

  async #send(batch: readonly Ready[]): Promise<void> {
    const requests: { readonly ready: Ready; readonly folderId: string; readonly json: string }[] = [];
    for (const ready of batch) {
      const folderId = await this.#folderOf(ready);
      if (folderId === null) continue;
      try {
        requests.push({ ready, folderId, json: await this.#render(ready) });
      } catch (error) {
        this.#deps.log.error(
          { deliveryId: ready.delivery.id, name: nameOf(error) },
          'a message cannot be made from its staged content',
        );
        this.#handBack(ready, 60);
      }
    }
    if (requests.length === 0) return;
    const signal = this.#deadline(Math.min(...requests.map(({ ready }) => ready.validUntil)));
    if (!signal) {
      for (const { ready } of requests) this.#handBack(ready, 0);
      return;
    }
    try {
      const results = await createMessages(
        this.#graph,
        requests.map(({ ready, folderId, json }) => ({ userId: ready.userId, folderId, json })),
        { signal },
      );
      for (const [index, { ready }] of requests.entries()) {
        const result = results[index];
        if (result) await this.#accept(ready, result);
      }
    } catch (error) {
      // Only what is certain to have sent nothing throws here: there was no token.
      if (!(error instanceof AppTokenError)) throw error;
      await this.#haltFor(error, batch[0]?.delivery.connectorId);
      for (const { ready } of requests) this.#handBack(ready, PAUSE_SECONDS);
    }
  }

  async #accept(ready: Ready, result: CreateResult): Promise<void> {
    const { delivery } = ready;
    switch (result.kind) {
      case 'created':
        this.#afterCreate(ready, result.messageId);
        return;
      case 'in_doubt':
        this.#settle(delivery, { state: 'sending', inSeconds: 0, absent: false });
        return;
      case 'not_sent':
        this.#pause(ready, result.error);
        return;
      case 'refused':
        await this.#refused(ready, result.error);
    }
  }

  #afterCreate(ready: Ready, messageId: string): void {
    const { delivery, plan } = ready;
    if (plan.attachments.every(({ route }) => route === 'create')) {
      this.#settle(delivery, whole(ready, messageId, []));
      return;
    }
    this.#settle(delivery, { state: 'created', messageId, inSeconds: this.#deps.settings.shardLeaseSeconds });
    this.#singles.push({ userId: ready.userId, run: () => this.#complete(ready, messageId) });
  }

  /** Adds the attachments that were too large for the create, or that an interruption left out. */
  async #complete(ready: Ready, messageId: string): Promise<void> {
    const later: Settlement = { state: 'created', messageId, inSeconds: PAUSE_SECONDS };
    try {
      // An upload of 150 MB takes longer than one request: each of its parts has its own time-out in the transport.
      const signal = AbortSignal.any([this.#hardStop.signal]);
      const wanted = ready.plan.attachments.map((attachment) => ({
        name: attachment.name,
        contentType: attachment.contentType,
        size: attachment.size,
        read: (offset: number) => this.#bytes(ready, attachment, offset),
      }));
      const { refused } = await completeAttachments(this.#graph, ready.userId, messageId, wanted, { signal });
      this.#settle(ready.delivery, whole(ready, messageId, refused));
    } catch (error) {
      if (error instanceof GraphError && error.failure === 'item_not_found') {
        this.#settle(ready.delivery, { state: 'partially_imported', messageId, reason: 'removed_meanwhile' });
      } else if (error instanceof GraphError && error.inDoubt) {
        // A part may still arrive: listed again only after that.
        this.#settle(ready.delivery, { ...later, inSeconds: this.#deps.settings.lateCommitSeconds });
      } else {
        if (error instanceof GraphError) this.#pauses.set(ready.userId, performance.now() + pauseMs(error));
        else
          this.#deps.log.warn(
            { deliveryId: ready.delivery.id, name: nameOf(error) },
            'attachments are not complete yet',
          );
        this.#settle(ready.delivery, later);
      }
    }
  }

  #addDoubtful(ready: Ready): void {
    const { messageId } = ready.delivery;
    const run = messageId === null ? () => this.#lookUp(ready) : () => this.#resume(ready, messageId);
    this.#singles.push({ userId: ready.userId, run });
  }

  async #resume(ready: Ready, messageId: string): Promise<void> {
    if (ready.plan.attachments.length === 0) this.#settle(ready.delivery, whole(ready, messageId, []));
    else await this.#complete(ready, messageId);
  }

  async #lookUp(ready: Ready): Promise<void> {
    const { delivery, plan } = ready;
    const folders = await rememberedFolders(this.#deps.pool, this.#organizationId, ready.folderName, [ready.userId]);
    try {
      const signal = AbortSignal.any([
        this.#hardStop.signal,
        AbortSignal.timeout(this.#deps.settings.graphTimeoutSeconds * 1000),
      ]);
      const copies = await this.#findCopies(
        ready,
        folders.get(ready.userId) ?? null,
        plan.message.itemProperty,
        signal,
      );
      const [messageId] = copies;
      if (messageId !== undefined) await this.#resume(ready, messageId);
      else if (delivery.lookups >= 1) this.#settle(delivery, { state: 'pending', inSeconds: 0, reason: null });
      else this.#settle(delivery, { state: 'sending', inSeconds: this.#secondLookSeconds, absent: true });
    } catch (error) {
      if (error instanceof AppTokenError) await this.#haltFor(error, delivery.connectorId);
      if (error instanceof GraphError && (error.failure === 'no_mailbox' || error.failure === 'no_such_user')) {
        this.#settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
        return;
      }
      if (error instanceof GraphError) this.#pauses.set(ready.userId, performance.now() + pauseMs(error));
      this.#settle(delivery, { state: 'sending', inSeconds: PAUSE_SECONDS, absent: false });
    }
  }

  async #findCopies(
    ready: Ready,
    folderId: string | null,
    property: { readonly id: string; readonly value: string },
    signal: AbortSignal,
  ): Promise<string[]> {
    try {
      return await findCopies(this.#graph, ready.userId, folderId, property, { signal });
    } catch (error) {
      if (folderId === null || !(error instanceof GraphError) || error.failure !== 'item_not_found') throw error;
      await forgetFolder(this.#deps.pool, this.#organizationId, ready.folderName, ready.userId);
      return findCopies(this.#graph, ready.userId, null, property, { signal });
    }
  }

  /** Two looks that follow at once would see the same; a tenth of the allowance lies between them. */
  get #secondLookSeconds(): number {
    return Math.max(1, this.#deps.settings.lateCommitSeconds / 10);
  }

  async #refused(ready: Ready, error: GraphError): Promise<void> {
    const { delivery } = ready;
    const fail = (reason: ReasonCode): void => this.#settle(delivery, { state: 'failed', reason });
    switch (error.failure) {
      case 'mailbox_full':
        return fail('mailbox_full');
      case 'too_large':
        return fail('too_large');
      case 'no_mailbox':
      case 'no_such_user':
        return this.#settle(delivery, { state: 'waiting', reason: 'no_mailbox' });
      case 'item_not_found':
        // Somebody removed the folder: it is made anew.
        await forgetFolder(this.#deps.pool, this.#organizationId, ready.folderName, ready.userId);
        this.#folders.delete(folderKey(ready));
        return this.#handBack(ready, 1);
      case 'forbidden':
      case 'blocked_by_policy':
        if (await this.#mayWrite(delivery.connectorId)) return fail('access_denied');
        return this.#handBack(ready, PAUSE_SECONDS);
      default:
        this.#deps.log.error(
          { deliveryId: delivery.id, code: error.code, requestId: error.requestId },
          'Graph refuses a message of ours',
        );
        return fail('refused_message');
    }
  }

  /** Tells a mailbox that is closed to us from an organization that is. */
  async #mayWrite(connectorId: string): Promise<boolean> {
    try {
      if (await this.#deps.mayWriteMail(this.#organizationId)) return true;
      await this.#haltFor(
        new AppTokenError('app_not_in_tenant', 'the organization no longer lets this application write mail'),
        connectorId,
      );
    } catch (error) {
      await this.#haltFor(error, connectorId);
    }
    return false;
  }

  async #folderOf(ready: Ready): Promise<string | null> {
    const key = folderKey(ready);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const remembered = await rememberedFolders(this.#deps.pool, this.#organizationId, ready.folderName, [ready.userId]);
    let folderId = remembered.get(ready.userId);
    if (folderId === undefined) {
      const signal = this.#deadline(ready.validUntil);
      if (!signal) {
        this.#handBack(ready, 0);
        return null;
      }
      try {
        folderId = await ensureFolder(this.#graph, ready.userId, ready.folderName, { signal });
        await rememberFolder(this.#deps.pool, this.#organizationId, ready.folderName, ready.userId, folderId);
      } catch (error) {
        if (error instanceof AppTokenError) await this.#haltFor(error, ready.delivery.connectorId);
        if (error instanceof GraphError && error.kind !== 'transient' && !error.inDoubt)
          await this.#refused(ready, error);
        else if (error instanceof GraphError) this.#pause(ready, error);
        else this.#handBack(ready, PAUSE_SECONDS);
        return null;
      }
    }
    this.#folders.set(key, folderId);
    return folderId;
  }

  async #render(ready: Ready): Promise<string> {
    const bytes = new Map<string, Uint8Array>();
    for (const attachment of ready.plan.attachments) {
      if (attachment.route !== 'create' || attachment.content !== null) continue;
      const parts: Uint8Array[] = [];
      for await (const part of this.#bytes(ready, attachment, 0)) parts.push(part);
      bytes.set(attachment.id, Buffer.concat(parts));
    }
    return renderCreate(ready.plan, bytes);
  }

  async *#bytes(ready: Ready, attachment: PlannedAttachment, offset: number): AsyncGenerator<Uint8Array> {
    if (attachment.content !== null) {
      yield attachment.content.subarray(offset);
      return;
    }
    const row = ready.attachments.get(attachment.id);
    if (!row?.dataKey) throw new Error('a planned attachment is not staged');
    const dataKey = unwrapDataKey(this.#deps.keyRing, row.dataKey, dataKeyContext(row.id));
    const name = attachmentName(row.organizationId, row.importId, BigInt(row.id));
    yield* this.#deps.staging.readAttachment(name, dataKey, { fromByte: offset, signal: this.#hardStop.signal });
  }

  /** Leaves a mailbox alone for as long as Graph asks, without holding up the others. */
  #pause(ready: Ready, error: GraphError): void {
    const ms = pauseMs(error);
    this.#pauses.set(ready.userId, performance.now() + ms);
    for (const waiting of [ready, ...this.#queues.take(ready.userId)]) this.#handBack(waiting, ms / 1000);
  }

  #paused(): string[] {
    const now = performance.now();
    for (const [userId, until] of this.#pauses) if (until <= now) this.#pauses.delete(userId);
    return [...this.#pauses.keys()];
  }

  #handBackAll(): void {
    for (const ready of this.#queues.drain()) this.#handBack(ready, 0);
    // Singles are not pending: their rows stay as they are and are taken up again after their time.
    this.#singles.length = 0;
  }

  #handBack(ready: Ready, inSeconds: number): void {
    this.#settle(ready.delivery, { state: 'pending', inSeconds, reason: null });
  }

  #settle(delivery: ClaimedDelivery, settlement: Settlement): void {
    this.#settled.set(`${delivery.archivedAt.getTime()}.${delivery.id}`, { delivery, settlement });
  }

  async #haltFor(error: unknown, connectorId: string | undefined): Promise<void> {
    this.#halted = true;
    const connector = this.#connectors.get(connectorId ?? '');
    if (connector) await handleProblem(this.#deps, connector, error, 0);
    else this.#deps.log.error({ name: nameOf(error) }, 'delivery halted');
  }

  async #flush(): Promise<void> {
    if (this.#settled.size === 0) return;
    const settled = [...this.#settled.values()];
    this.#settled.clear();
    const { importIds, written } = await settle(this.#deps.pool, this.#held.lease, settled);
    if (written < settled.length) {
      this.#deps.log.warn({ lost: settled.length - written }, 'copies were taken over by another worker meanwhile');
    }
    if (importIds.length === 0) return;
    for (const connectorId of new Set(settled.map(({ delivery }) => delivery.connectorId))) {
      this.#deps.notify({ organizationId: this.#organizationId, connectorId, importId: null });
    }
    for (const done of await deliveredImports(this.#deps.pool, importIds)) {
      await this.#deps.enqueue('reconcile', done, { key: done.importId });
    }
  }
}

function folderKey(ready: Ready): string {
  return `${ready.folderName}\n${ready.userId}`;
}

function pauseMs(error: GraphError): number {
  // Jitter, so that mailboxes that were refused together do not come back together.
  return (error.retryAfterSeconds ?? PAUSE_SECONDS) * 1000 * (1 + Math.random() / 10);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** The message is there with everything that can be there. */
function whole({ plan }: Ready, messageId: string, refused: readonly string[]): Settlement {
  if (plan.missing.length > 0) return { state: 'partially_imported', messageId, reason: 'attachment_missing' };
  if (refused.length > 0) return { state: 'partially_imported', messageId, reason: 'attachment_refused' };
  return { state: 'imported', messageId, reason: null };
}
