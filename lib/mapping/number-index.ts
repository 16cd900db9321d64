/**
 * Which numbers a file has had so far, and for which time, in a few dozen bytes a row: a million rows must not lie in
 * memory as objects. Pure; runs in the browser too.
 */
import type { MailboxAddress } from './mailbox-address.ts';
import type { E164 } from './number.ts';
import type { Validity } from './validity.ts';

/** A row whose number can be read. Also one in error is compared: two rows name the number, and one of them is wrong. */
export interface Numbered {
  readonly row: number;
  readonly number: E164;
  /** null: nobody can say which */
  readonly mailbox: MailboxAddress | null;
  /** the widest that it may be, where a date cannot be read */
  readonly validity: Validity;
  /** whether mailbox and dates are read for certain */
  readonly certain: boolean;
  /** in error by itself: never given out */
  readonly erroneous: boolean;
}

/** What became of a row. */
export type Addition =
  /** no earlier row speaks of the same number and time: the row may be given out */
  | { readonly kind: 'given' }
  /** as it was before: in error */
  | { readonly kind: 'erroneous' }
  /** an earlier row that was given out says the same for an overlapping time */
  | { readonly kind: 'repeated'; readonly row: number }
  /** an earlier row names another mailbox for an overlapping time */
  | { readonly kind: 'contradiction'; readonly row: number }
  /** an earlier row that cannot be read for certain names the number for what may be an overlapping time */
  | { readonly kind: 'other_row_unreadable'; readonly row: number }
  | { readonly kind: 'too_many_periods' };

/** Hears of a row that was given out before `later` contradicted it. */
export type Withdraw = (row: number, later: Numbered) => void;

/** Periods of one number. Real numbers change hands a few times; a limit keeps the comparison short for every file. */
export const MOST_PERIODS = 100;

/** Was given out, whatever became of it since: the writer of rows has it. */
const GIVEN = 1;
const WITHDRAWN = 2;
/** Mailbox or dates cannot be read for certain. */
const UNCERTAIN = 4;
/** In place of a mailbox's hash: none, and so another than any. */
const NO_MAILBOX = 0;

export class NumberIndex {
  /** the entry that was added last of each number */
  readonly #heads = new NumberTable();
  readonly #withdraw: Withdraw;
  #size = 0;
  #next = new Int32Array(1024);
  #row = new Int32Array(1024);
  #from = new Float64Array(1024);
  #to = new Float64Array(1024);
  #mailbox = new Uint32Array(1024);
  #flags = new Uint8Array(1024);

  constructor(withdraw: Withdraw) {
    this.#withdraw = withdraw;
  }

  /**
   * Compares a row with every earlier one of the same number, and keeps it for later ones. Each row that was given out and
   * that it contradicts is withdrawn, whether or not it is right itself.
   */
  add(added: Numbered): Addition {
    const key = Number(added.number.slice(1));
    const from = added.validity.from?.getTime() ?? Number.NEGATIVE_INFINITY;
    const to = added.validity.to?.getTime() ?? Number.POSITIVE_INFINITY;
    const hash = added.mailbox === null ? NO_MAILBOX : hashOf(added.mailbox);
    const head = this.#heads.get(key);
    let entries = 0;
    let covered = false;
    let contradicts = -1;
    let repeats = -1;
    for (let entry = head; entry >= 0; entry = this.#next[entry] ?? -1) {
      entries += 1;
      const entryFrom = this.#from[entry] ?? 0;
      const entryTo = this.#to[entry] ?? 0;
      if (from >= entryTo || entryFrom >= to) continue;
      const flags = this.#flags[entry] ?? 0;
      const same = this.#mailbox[entry] === hash;
      if (same && entryFrom <= from && to <= entryTo) covered = true;
      if (same && hash !== NO_MAILBOX) {
        if (flags & GIVEN) repeats = entry;
        continue;
      }
      // What is certain says more to somebody who has to put it right.
      if (contradicts < 0 || (this.#isUncertain(contradicts) && !(flags & UNCERTAIN))) contradicts = entry;
      if ((flags & (GIVEN | WITHDRAWN)) === GIVEN) {
        this.#flags[entry] = flags | WITHDRAWN;
        this.#withdraw(this.#row[entry] ?? 0, added);
      }
    }
    const addition = this.#additionOf(added, contradicts, repeats, entries);
    const given = addition.kind === 'given';
    // What lies within a row of the same mailbox adds nothing to it, and the rows behind the last period are all errors.
    if (entries < MOST_PERIODS && (given || !covered)) {
      this.#append(head, added.row, from, to, hash, (given ? GIVEN : 0) | (added.certain ? 0 : UNCERTAIN));
      this.#heads.set(key, this.#size - 1);
    }
    return addition;
  }

  #additionOf({ erroneous }: Numbered, contradicts: number, repeats: number, entries: number): Addition {
    if (erroneous) return ERRONEOUS;
    if (contradicts >= 0) {
      const kind = this.#isUncertain(contradicts) ? 'other_row_unreadable' : 'contradiction';
      return { kind, row: this.#row[contradicts] ?? 0 };
    }
    if (repeats >= 0) return { kind: 'repeated', row: this.#row[repeats] ?? 0 };
    return entries < MOST_PERIODS ? GIVEN_OUT : { kind: 'too_many_periods' };
  }

  #isUncertain(entry: number): boolean {
    return ((this.#flags[entry] ?? 0) & UNCERTAIN) !== 0;
  }

  #append(next: number, row: number, from: number, to: number, mailbox: number, flags: number): void {
    if (this.#size === this.#row.length) this.#grow();
    this.#next[this.#size] = next;
    this.#row[this.#size] = row;
    this.#from[this.#size] = from;
    this.#to[this.#size] = to;
    this.#mailbox[this.#size] = mailbox;
    this.#flags[this.#size] = flags;
    this.#size += 1;
  }

  #grow(): void {
    const length = this.#row.length * 2;
    const into = <T extends Int32Array | Uint32Array | Float64Array | Uint8Array>(larger: T, old: T): T => {
      larger.set(old);
      return larger;
    };
    this.#next = into(new Int32Array(length), this.#next);
    this.#row = into(new Int32Array(length), this.#row);
    this.#from = into(new Float64Array(length), this.#from);
    this.#to = into(new Float64Array(length), this.#to);
    this.#mailbox = into(new Uint32Array(length), this.#mailbox);
    this.#flags = into(new Uint8Array(length), this.#flags);
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

const GIVEN_OUT: Addition = { kind: 'given' };
const ERRONEOUS: Addition = { kind: 'erroneous' };

/**
 * FNV-1a, 32 bit, never NO_MAILBOX. Of two rows of one number with different mailboxes, one pair in four thousand million
 * has the same: its later row is taken for a repetition.
 */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0 || 1;
}
