/** Chance of a simulated world: everything that is drawn comes from one seed, in the order in which it is asked for. */
export interface Random {
  /** in [0, 1) */
  next(): number;
  /** true so many times out of 1 */
  chance(probability: number): boolean;
  /** a whole number from `low` to `high`, both included */
  whole(low: number, high: number): number;
  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T;
  /** a duration between the two, small ones more often: most things are quick, some take very long */
  skewed(low: number, high: number): number;
  /** another stream: what is drawn from it does not move this one */
  fork(): Random;
}

/** SFC32 (Chris Doty-Humphrey), seeded by mixing; fast, and good enough to choose orders by. @param seed any whole number */
export function randomOf(seed: number): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, seed >>> 0, Math.floor(seed / 0x1_0000_0000) >>> 0];
  const bits = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let warm = 0; warm < 12; warm++) bits();
  const next = (): number => bits() / 0x1_0000_0000;
  return {
    next,
    chance: (probability) => probability > 0 && next() < probability,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (from) => {
      const one = from[Math.floor(next() * from.length)];
      if (one === undefined) throw new RangeError('nothing to pick from');
      return one;
    },
    skewed: (low, high) => low * (high / low) ** next(),
    fork: () => randomOf(bits()),
  };
}
