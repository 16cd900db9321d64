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
  /** the entry that was added last of each number */
  readonly #heads = new NumberTable();
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
    const head = this.#heads.get(key);
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

/**
 * A hash table from numbers, whose digits fit a double, to entries. A Map would take three times the memory and, while it
 * grows, most of the time that a row takes.
 */
class NumberTable {
  /** 0: free. Half of the places at least are */
  #keys = new Float64Array(2048);
  #values = new Int32Array(2048);
  #size = 0;
  /** so that nobody can choose numbers that all fall in one place */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** @returns -1 where the number has none */
  get(key: number): number {
    const place = this.#placeOf(key);
    return this.#keys[place] === key ? (this.#values[place] ?? -1) : -1;
  }

  set(key: number, value: number): void {
    const place = this.#placeOf(key);
    if (this.#keys[place] !== key) this.#size += 1;
    this.#keys[place] = key;
    this.#values[place] = value;
    if (this.#size * 2 > this.#keys.length) this.#grow();
  }

  #placeOf(key: number): number {
    const mask = this.#keys.length - 1;
    let hash = Math.imul(((key % 2 ** 32) ^ this.#seed) >>> 0, 0x9e3779b1) ^ Math.imul(key / 2 ** 32, 0x85ebca6b);
    hash ^= hash >>> 15;
    let place = hash & mask;
    for (;;) {
      const there = this.#keys[place];
      if (there === key || there === 0) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Float64Array(keys.length * 2);
    this.#values = new Int32Array(keys.length * 2);
    for (const [old, key] of keys.entries()) {
      if (key === 0) continue;
      const place = this.#placeOf(key);
      this.#keys[place] = key;
      this.#values[place] = values[old] ?? -1;
    }
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
