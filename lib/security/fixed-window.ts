/**
 * A limit on how often something may be asked for, by key, in a window of time that begins with the first request. In
 * this process only: with several portals the limit is as many times higher, which is good enough against a flood.
 */
export interface FixedWindow {
  /** @returns false where the key has used up its window */
  take(key: string): boolean;
}

export interface FixedWindowSettings {
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are remembered. Beyond it the oldest is forgotten: memory stays small, the limit a little less strict. */
  readonly mostKeys: number;
  /** milliseconds, of any clock that does not go back */
  readonly now: () => number;
}

export function fixedWindow({ limit, windowMs, mostKeys, now }: FixedWindowSettings): FixedWindow {
  const windows = new Map<string, { readonly endsAt: number; taken: number }>();
  return {
    take(key) {
      const time = now();
      const known = windows.get(key);
      if (known !== undefined && time < known.endsAt) {
        known.taken += 1;
        return known.taken <= limit;
      }
      windows.delete(key);
      windows.set(key, { endsAt: time + windowMs, taken: 1 });
      const [oldest] = windows.keys();
      if (windows.size > mostKeys && oldest !== undefined) windows.delete(oldest);
      return true;
    },
  };
}
