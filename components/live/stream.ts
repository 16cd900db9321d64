/**
 * The event stream, kept open: comes back by itself after a break, and notices a line that died without saying so.
 * Runs in a page and in a shared worker alike.
 */
import { type LiveMessage, liveMessageSchema } from '#lib/connectors/snapshot.ts';

export interface StreamEvents {
  readonly onMessage: (message: LiveMessage) => void;
  /** the line has been broken for `BROKEN_AFTER_MS`; the next message says that it is back */
  readonly onBroken: () => void;
}

/** The server's heartbeat comes every 15 seconds. */
const SILENCE_MS = 40_000;
/** A break that ends sooner is not worth a word: the server ends each stream after some minutes. */
const BROKEN_AFTER_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** Opens the stream and keeps it open until the returned function is called. `address` is asked each time it is opened. */
export function keepStreamOpen(address: () => string, { onMessage, onBroken }: StreamEvents): () => void {
  let source: EventSource | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let broken: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  function open(): void {
    source = new EventSource(address());
    source.onmessage = (event: MessageEvent<string>) => {
      const parsed = liveMessageSchema.safeParse(parseJson(event.data));
      // A portal that was updated under an open page speaks another language: the page is older than the truth.
      if (!parsed.success) return fail();
      retryMs = FIRST_RETRY_MS;
      clearTimeout(broken);
      broken = undefined;
      listenForSilence();
      onMessage(parsed.data);
    };
    source.onerror = fail;
    listenForSilence();
  }

  function listenForSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(fail, SILENCE_MS);
  }

  function fail(): void {
    close();
    broken ??= setTimeout(onBroken, BROKEN_AFTER_MS);
    retry = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  function close(): void {
    source?.close();
    source = null;
    clearTimeout(silence);
    clearTimeout(retry);
  }

  open();
  return () => {
    close();
    clearTimeout(broken);
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
