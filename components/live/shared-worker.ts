/**
 * One event stream for all tabs of this browser. HTTP/1.1 allows six connections to a host: eight tabs with a stream
 * each would leave none for a page.
 *
 * A stream belongs to the address that a tab names, and the address names the person: after somebody else has signed
 * in, their tabs share a stream of their own, and the server refuses the former one.
 */
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { type CurrentRows, currentRows } from './current-rows.ts';
import { keepStreamOpen } from './stream.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

interface SharedStream {
  readonly tabs: Set<MessagePort>;
  readonly current: CurrentRows;
  broken: boolean;
  readonly close: () => void;
}

const streams = new Map<string, SharedStream>();

function tell(tabs: Iterable<MessagePort>, word: FromWorker): void {
  for (const tab of tabs) tab.postMessage(word);
}

function openShared(url: string, start: readonly ConnectorRow[]): SharedStream {
  const tabs = new Set<MessagePort>();
  const current = currentRows(url, start);
  const stream: SharedStream = {
    tabs,
    current,
    broken: false,
    close: keepStreamOpen(current.address, {
      onMessage(message) {
        stream.broken = false;
        tell(tabs, { say: 'message', message: current.take(message) });
      },
      onBroken() {
        stream.broken = true;
        tell(tabs, { say: 'broken' });
      },
    }),
  };
  streams.set(url, stream);
  return stream;
}

function watch(tab: MessagePort, url: string, start: readonly ConnectorRow[]): void {
  const stream = streams.get(url) ?? openShared(url, start);
  stream.tabs.add(tab);
  // A tab that comes later is told at once what the others know.
  const message = stream.current.snapshot();
  if (message !== null) tell([tab], { say: 'message', message });
  if (stream.broken) tell([tab], { say: 'broken' });
}

function leave(tab: MessagePort): void {
  for (const [url, stream] of streams) {
    if (!stream.tabs.delete(tab) || stream.tabs.size > 0) continue;
    stream.close();
    streams.delete(url);
  }
}

addEventListener('connect', (event) => {
  const [tab] = (event as MessageEvent).ports;
  if (tab === undefined) return;
  tab.onmessage = ({ data }: MessageEvent<ToWorker>) =>
    data.say === 'watch' ? watch(tab, data.url, data.start) : leave(tab);
  // A tab that crashed says no farewell; browsers that can tell do so.
  tab.addEventListener('close', () => leave(tab));
});
