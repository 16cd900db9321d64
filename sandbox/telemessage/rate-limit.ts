/** A token bucket for each account: a sustained rate, and twice as much at once. */

export interface RateLimit {
  /** 0 when the request may pass, else the whole seconds after which the next one may; `now` in ms */
  secondsToWait(key: string, now: number): number;
  /** every account as if it had not sent anything */
  clear(): void;
  /** buckets that are not full */
  readonly held: number;
}

/** `inForce` gives the sustained rate, requests a second. */
export function rateLimit(inForce: () => number): RateLimit {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  const burst = (): number => Math.max(1, inForce() * 2);

  const tokensOf = (key: string, now: number): number => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return burst();
    return Math.min(burst(), bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * inForce());
  };
  /** a bucket that is full again says nothing */
  const dropFull = (now: number): void => {
    for (const key of buckets.keys()) if (tokensOf(key, now) >= burst()) buckets.delete(key);
  };

  return {
    secondsToWait: (key, now) => {
      dropFull(now);
      const tokens = tokensOf(key, now);
      const passes = tokens >= 1;
      buckets.set(key, { tokens: passes ? tokens - 1 : tokens, at: now });
      return passes ? 0 : Math.max(1, Math.ceil((1 - tokens) / inForce()));
    },
    clear: () => buckets.clear(),
    get held() {
      return buckets.size;
    },
  };
}
