/** A token bucket for each account: a sustained rate, and twice as much at once. */

export interface RateLimit {
  /** 0 when the request may pass, else the whole seconds after which the next one may */
  secondsToWait(key: string, now: number): number;
}

/** `inForce` gives the sustained rate, requests a second. */
export function rateLimit(inForce: () => number): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    secondsToWait: (key, now) => {
      const perSecond = inForce();
      const burst = Math.max(1, perSecond * 2);
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      const tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
      const passes = tokens >= 1;
      buckets.set(key, { tokens: passes ? tokens - 1 : tokens, at: now });
      return passes ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
    },
  };
}
