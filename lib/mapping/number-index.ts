/**
 * Which numbers a file has had so far, and for which time, in a few dozen bytes a row: a million rows must not lie in
 * memory as objects. Pure; runs in the browser too.
 */
import type { MailboxAddress } from './mailbox-address.ts';
import type { E164 } from './number.ts';
import type { Validity } from './validity.ts';

/** What became of a row. Only an `added` one is compared with later rows: the others are errors and never applied. */
export type Addition =
  | { readonly kind: 'added' }
  /** an earlier row says the same for an overlapping time */
  | { readonly kind: 'repeated'; readonly row: number }
  /** an earlier row names another mailbox for an overlapping time */
  | { readonly kind: 'contradiction'; readonly row: number }
  | { readonly kind: 'too_many_periods' };

/** Periods of one number. Real numbers change hands a few times; a limit keeps the comparison short for every file. */
export const MOST_PERIODS = 100;

export class NumberIndex {
  /** by the digits of a number, which fit a double: the entry that was added last */
  readonly #heads = new Map<number, number>();
  #size = 0;
  #next = new Int32Array(1024);
  #row = new Int32Array(1024);
  #from = new Float64Array(1024);
  #to = new Float64Array(1024);
  #mailbox = new Uint32Array(1024);

  /** Adds a row, unless an earlier one speaks of the same number for an overlapping time. */
  add(number: E164, mailbox: MailboxAddress, validity: Validity, row: number): Addition {
    const key = Number(number.slice(1));
    const from = validity.from?.getTime() ?? Number.NEGATIVE_INFINITY;
    const to = validity.to?.getTime() ?? Number.POSITIVE_INFINITY;
    const hash = hashOf(mailbox);
    const head = this.#heads.get(key) ?? -1;
    let repeated: Addition | null = null;
    let periods = 0;
    for (let entry = head; entry >= 0; entry = this.#next[entry] ?? -1) {
      periods += 1;
      if (from >= (this.#to[entry] ?? 0) || (this.#from[entry] ?? 0) >= to) continue;
      const earlier = this.#row[entry] ?? 0;
      if (this.#mailbox[entry] !== hash) return { kind: 'contradiction', row: earlier };
      repeated = { kind: 'repeated', row: earlier };
    }
    if (repeated !== null) return repeated;
    if (periods >= MOST_PERIODS) return { kind: 'too_many_periods' };
    this.#append(head, row, from, to, hash);
    this.#heads.set(key, this.#size - 1);
    return { kind: 'added' };
  }

  #append(next: number, row: number, from: number, to: number, mailbox: number): void {
    if (this.#size === this.#row.length) this.#grow();
    this.#next[this.#size] = next;
    this.#row[this.#size] = row;
    this.#from[this.#size] = from;
    this.#to[this.#size] = to;
    this.#mailbox[this.#size] = mailbox;
    this.#size += 1;
  }

  #grow(): void {
    const length = this.#row.length * 2;
    const into = <T extends Int32Array | Uint32Array | Float64Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.#next = into(new Int32Array(length), this.#next);
    this.#row = into(new Int32Array(length), this.#row);
    this.#from = into(new Float64Array(length), this.#from);
    this.#to = into(new Float64Array(length), this.#to);
    this.#mailbox = into(new Uint32Array(length), this.#mailbox);
  }
}

/** FNV-1a, 32 bit. A collision shows a contradiction as a repetition, once in four thousand million: both are errors. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
