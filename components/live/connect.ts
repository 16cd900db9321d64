/** The way from a tab to its live messages: through the shared worker, or, where there is none, while it is visible. */
import type { ConnectorRow, LiveMessage } from '#lib/connectors/snapshot.ts';
import { currentRows } from './current-rows.ts';
import type { StreamEvents } from './stream.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/**
 * @param url same-origin address of the stream
 * @param start rows of all connectors that the page came with, which need not come again; empty where it came with fewer
 * @returns the way to stop
 */
export function connectLive(url: string, start: readonly ConnectorRow[], events: StreamEvents): () => void {
  return typeof SharedWorker === 'undefined' ? whileVisible(url, start, events) : throughWorker(url, start, events);
}

function throughWorker(url: string, start: readonly ConnectorRow[], { onMessage, onBroken }: StreamEvents): () => void {
  const worker = new SharedWorker(new URL('./shared-worker.ts', import.meta.url), { name: 'live' });
  const say = (word: ToWorker): void => worker.port.postMessage(word);
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) =>
    data.say === 'message' ? onMessage(data.message) : onBroken();
  worker.onerror = onBroken;
  // A page that the browser puts away may come back from its cache as it was.
  const onHide = (): void => say({ say: 'leave' });
  const onShow = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) say({ say: 'watch', url, start });
  };
  addEventListener('pagehide', onHide);
  addEventListener('pageshow', onShow);
  say({ say: 'watch', url, start });
  return () => {
    removeEventListener('pagehide', onHide);
    removeEventListener('pageshow', onShow);
    say({ say: 'leave' });
    worker.port.close();
  };
}

function whileVisible(url: string, start: readonly ConnectorRow[], events: StreamEvents): () => void {
  let close: (() => void) | null = null;
  const current = currentRows(url, start);
  const following = { ...events, onMessage: (message: LiveMessage) => events.onMessage(current.take(message)) };
  const follow = (): void => {
    if (document.visibilityState === 'visible') close ??= openHere(current.address, following);
    else {
      close?.();
      close = null;
    }
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close?.();
  };
}

/** Most browsers have a shared worker, and need none of this: it is fetched by those that do. */
function openHere(address: () => string, events: StreamEvents): () => void {
  let ended = false;
  let close = (): void => {};
  import('./stream.ts').then(({ keepStreamOpen }) => {
    if (!ended) close = keepStreamOpen(address, events);
  }, events.onBroken);
  return () => {
    ended = true;
    close();
  };
}
