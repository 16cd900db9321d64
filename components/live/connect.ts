/** The way from a tab to its live messages: through the shared worker, or, where there is none, while it is visible. */
import type { StreamEvents } from './stream.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/** @param url same-origin address of the stream. Returns the way to stop. */
export function connectLive(url: string, events: StreamEvents): () => void {
  return typeof SharedWorker === 'undefined' ? whileVisible(url, events) : throughWorker(url, events);
}

function throughWorker(url: string, { onMessage, onBroken }: StreamEvents): () => void {
  const worker = new SharedWorker(new URL('./shared-worker.ts', import.meta.url), { name: 'live' });
  const say = (word: ToWorker): void => worker.port.postMessage(word);
  worker.port.onmessage = ({ data }: MessageEvent<FromWorker>) =>
    data.say === 'message' ? onMessage(data.message) : onBroken();
  worker.onerror = onBroken;
  // A page that the browser puts away may come back from its cache as it was.
  const onHide = (): void => say({ say: 'leave' });
  const onShow = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) say({ say: 'watch', url });
  };
  addEventListener('pagehide', onHide);
  addEventListener('pageshow', onShow);
  say({ say: 'watch', url });
  return () => {
    removeEventListener('pagehide', onHide);
    removeEventListener('pageshow', onShow);
    say({ say: 'leave' });
    worker.port.close();
  };
}

function whileVisible(url: string, events: StreamEvents): () => void {
  let close: (() => void) | null = null;
  const follow = (): void => {
    if (document.visibilityState === 'visible') close ??= openHere(url, events);
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
function openHere(url: string, events: StreamEvents): () => void {
  let ended = false;
  let close = (): void => {};
  import('./stream.ts').then(({ keepStreamOpen }) => {
    if (!ended) close = keepStreamOpen(url, events);
  }, events.onBroken);
  return () => {
    ended = true;
    close();
  };
}
