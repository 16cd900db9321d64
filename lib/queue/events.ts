/**
 * "Something changed", by Redis publish and subscribe. An event names what to read again and carries no data: the
 * database is the truth, and a lost event costs a moment, not a number.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';

const changeSchema = z.object({
  organizationId: z.guid(),
  connectorId: z.guid(),
  importId: z.guid().nullable(),
});

export type Change = z.infer<typeof changeSchema>;

const channel = (prefix: string): string => `${prefix}.changes`;

/** Publishes a change. Failures are swallowed on purpose: progress on a page is never worth an import. */
export async function publishChange(redis: Redis, prefix: string, change: Change): Promise<void> {
  await redis.publish(channel(prefix), JSON.stringify(change)).catch(() => {});
}

/** Calls `listener` for each change, with one subscription on `redis`. Returns the way to stop. */
export async function subscribeChanges(
  redis: Redis,
  prefix: string,
  listener: (change: Change) => void,
): Promise<() => Promise<void>> {
  const onMessage = (_channel: string, text: string): void => {
    const parsed = changeSchema.safeParse(parseJson(text));
    if (parsed.success) listener(parsed.data);
  };
  redis.on('message', onMessage);
  await redis.subscribe(channel(prefix));
  return async () => {
    redis.off('message', onMessage);
    await redis.unsubscribe(channel(prefix));
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
