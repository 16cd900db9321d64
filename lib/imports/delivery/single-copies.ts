/**
 * Copies of a shard that a run works on alone, one after another in a mailbox: what is in doubt is looked up, and what lacks
 * its attachments is completed. A batch has none of them.
 */
import type { ReasonCode } from '../reasons.ts';
import type { ClaimedDelivery, DoubtfulDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import { complete } from './complete.ts';
import { lookUp, lookUpLost } from './look-up.ts';
import { PAUSE_SECONDS, type Ready, type ShardWork } from './shard-work.ts';

/** Work on one copy. */
export interface SingleCopy {
  readonly delivery: ClaimedDelivery;
  readonly run: () => Promise<void>;
  /** settles it where it is not begun now, to be taken up again after so many seconds */
  readonly leave: (inSeconds: number) => void;
}

/** Those that were not begun, in the order in which they came. */
export class SingleCopies {
  readonly #work: ShardWork;
  readonly #waiting: SingleCopy[] = [];

  constructor(work: ShardWork) {
    this.#work = work;
  }

  get size(): number {
    return this.#waiting.length;
  }

  [Symbol.iterator](): Iterator<SingleCopy> {
    return this.#waiting.values();
  }

  /** A copy in doubt: whether its message is there, or what of it is. */
  addDoubtful(ready: Ready): void {
    const work = this.#work;
    const { delivery } = ready;
    const { messageId, contentHash } = delivery;
    this.#waiting.push({
      delivery,
      run: () => (messageId === null ? lookUp(work, ready) : complete(work, ready, messageId, contentHash)),
      leave: (inSeconds) => work.settle(delivery, stillInDoubt(delivery, inSeconds)),
    });
  }

  /** A copy in doubt that cannot be sent, now or ever; whether it was, the mailbox knows. */
  addLost(delivery: DoubtfulDelivery, reason: ReasonCode): void {
    const work = this.#work;
    const connector = work.connectors.get(delivery.sourceId);
    if (!connector) {
      work.settle(delivery, stillInDoubt(delivery, PAUSE_SECONDS));
      return;
    }
    this.#waiting.push({
      delivery,
      run: () => lookUpLost(work, connector, delivery, reason),
      leave: (inSeconds) => work.settle(delivery, stillInDoubt(delivery, inSeconds)),
    });
  }

  /** A message that was created a moment ago, and whose attachments are still to come. */
  addCreated(ready: Ready, messageId: string): void {
    const work = this.#work;
    const { delivery } = ready;
    const { contentHash } = ready.plan;
    const settle = (inSeconds: number, perhapsUnderWay: boolean): void =>
      work.settle(delivery, { state: 'created', messageId, contentHash, inSeconds, perhapsUnderWay });
    settle(0, true);
    const { letGo } = work.keep(delivery);
    this.#waiting.push({
      delivery,
      run: () => complete(work, ready, messageId, contentHash).finally(letGo),
      leave: (inSeconds) => {
        letGo();
        settle(inSeconds, false);
      },
    });
  }

  /** Takes out the first whose mailbox is not busy. */
  next(busy: ReadonlySet<string>): SingleCopy | undefined {
    const at = this.#waiting.findIndex(({ delivery }) => !busy.has(delivery.userId));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** Leaves those of a mailbox to a later run. */
  leave(userId: string, inSeconds: number): void {
    for (const single of this.#waiting.filter(({ delivery }) => delivery.userId === userId)) {
      this.#waiting.splice(this.#waiting.indexOf(single), 1);
      single.leave(inSeconds);
    }
  }

  leaveAll(): void {
    for (const { leave } of this.#waiting.splice(0)) leave(0);
  }
}

export function isDoubtful(delivery: ClaimedDelivery | DoubtfulDelivery): delivery is DoubtfulDelivery {
  return 'doubt' in delivery;
}

/** A copy in doubt stays so until a mailbox answered, whatever else goes wrong with it. */
export function keepDoubt(delivery: ClaimedDelivery | DoubtfulDelivery, settlement: Settlement): Settlement {
  if (!isDoubtful(delivery)) return settlement;
  return stillInDoubt(delivery, 'inSeconds' in settlement ? settlement.inSeconds : PAUSE_SECONDS);
}

function stillInDoubt({ messageId, contentHash }: ClaimedDelivery, inSeconds: number): Settlement {
  if (messageId !== null) return { state: 'created', messageId, contentHash, inSeconds, perhapsUnderWay: false };
  return { state: 'sending', inSeconds, absent: false };
}
