/**
 * Chance that repeats: everything the phones say, and which requests a fault rule strikes, follows from a seed and from
 * names, never from a clock or from `Math.random`, so that it is the same in every process and at every start.
 */

/** A 32-bit hash of the parts in their order (FNV-1a over the parts, finished with murmur3's mixer). Not for secrets. */
export function hash32(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    if (typeof part === 'number') {
      for (let rest = part; ; rest = Math.floor(rest / 65536)) {
        hash = Math.imul(hash ^ (rest & 0xffff), 0x01000193);
        if (rest < 65536) break;
      }
    } else {
      for (let at = 0; at < part.length; at += 1) hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x1f, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A sequence of draws that follows from the parts it was begun with (mulberry32). */
export class Draw {
  #state: number;

  constructor(...parts: readonly (string | number)[]) {
    this.#state = hash32(...parts);
  }

  /** in [0, 1) */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** whole number in [from, below) */
  between(from: number, below: number): number {
    return from + Math.floor(this.fraction() * (below - from));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length)] ?? list[0];
  }
}

/** `list[index]` with the index wrapped around. The list is not empty. */
export function cycle<T>(list: readonly [T, ...T[]], index: number): T {
  return list[((index % list.length) + list.length) % list.length] ?? list[0];
}
