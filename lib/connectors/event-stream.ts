/** The live view as server-sent events (HTML Living Standard, 9.2): one response body per browser. */
import { type Actor, authorize } from '../security/actor.ts';
import type { LiveHub } from './live.ts';
import type { Fingerprints } from './row-buckets.ts';
import { type LiveMessage, writeMessage } from './snapshot.ts';

/** A browser that hears nothing for twice this long knows that the line is broken. */
export const HEARTBEAT_MS = 15_000;
/** The browser comes back at once, and its session and role are checked afresh: with `CHECK_MS`, within five minutes. */
const LONGEST_MS = 150_000;
const RETRY_MS = 2_000;
/** Bytes that may wait for a slow browser before it is sent no more. */
const MOST_WAITING_BYTES = 256 * 1024;

/**
 * @param actor who watches: nothing of another organization goes out here
 * @param known what the browser says of the rows that it has; null where it has none
 * @param signal aborts when the browser is gone
 * @throws NotAllowed
 */
export function eventStream(
  hub: LiveHub,
  actor: Actor,
  known: Fingerprints | null,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  authorize(actor, 'connectors.read');
  const encoder = new TextEncoder();
  const ended = new AbortController();
  const endedOrGone = AbortSignal.any([signal, ended.signal]);
  let cancelled = false;
  let watching: ReturnType<LiveHub['watch']> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (message: LiveMessage): boolean => {
          if (endedOrGone.aborted || (controller.desiredSize ?? 0) <= 0) return false;
          controller.enqueue(encoder.encode(frame(message)));
          return true;
        };
        const heartbeat = setInterval(() => send({ type: 'heartbeat', at: new Date().toISOString() }), HEARTBEAT_MS);
        const longest = setTimeout(() => ended.abort(), LONGEST_MS);
        // A process that shuts down does not wait for them.
        heartbeat.unref();
        longest.unref();
        const finish = (): void => {
          clearInterval(heartbeat);
          clearTimeout(longest);
          watching?.stop();
          if (!cancelled) controller.close();
        };
        if (endedOrGone.aborted) return finish();
        endedOrGone.addEventListener('abort', finish, { once: true });
        controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
        watching = hub.watch(actor, { send }, known);
      },
      pull() {
        watching?.resume();
      },
      cancel() {
        cancelled = true;
        ended.abort();
      },
    },
    { highWaterMark: MOST_WAITING_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}

function frame(message: LiveMessage): string {
  return `id: ${message.at}\ndata: ${writeMessage(message)}\n\n`;
}
