/** How long the server takes for a page, whole: from the request to the last byte, one request after another. */
import autocannon from 'autocannon';
import { z } from 'zod';
import { fingerprintsOf, writeFingerprints } from '#lib/connectors/row-buckets.ts';
import type { Portal } from './site.ts';

export interface PageOfPortal {
  readonly name: string;
  path(portal: Portal): string;
}

const ofConnector =
  (rest = '') =>
  ({ connector }: Portal): string =>
    `/connectors/${connector}${rest}`;

export const PAGES: readonly PageOfPortal[] = [
  { name: 'Connectors tab', path: () => '/data-connectors/connectors' },
  { name: 'Catalogue', path: () => '/data-connectors' },
  { name: 'Summary', path: ofConnector() },
  { name: 'Imports', path: ofConnector('/imports') },
  { name: 'Imports by day', path: ofConnector('/imports/days') },
  { name: 'Not imported', path: ofConnector('/not-imported') },
  { name: 'Not imported, one reason', path: ofConnector('/not-imported?kind=waiting&reason=not_mapped') },
  { name: 'User mapping', path: ofConnector('/mapping') },
  { name: 'User coverage', path: ofConnector('/coverage') },
  { name: 'Settings', path: ofConnector('/settings') },
];

/** Milliseconds of each of `amount` requests. @throws where one of them is not answered with the page */
export async function timesOf(portal: Portal, page: PageOfPortal, amount: number): Promise<number[]> {
  const times: number[] = [];
  const statuses = new Set<number>();
  await new Promise<void>((resolve, reject) => {
    const run = autocannon(
      {
        url: portal.base + page.path(portal),
        connections: 1,
        amount,
        timeout: 60,
        headers: { cookie: portal.cookie, 'accept-encoding': 'gzip' },
      },
      (error: unknown) => (error ? reject(error) : resolve()),
    );
    run.on('response', (_client, status, _bytes, ms) => {
      statuses.add(status);
      times.push(ms);
    });
  });
  const wrong = [...statuses].filter((status) => status !== 200);
  if (wrong.length > 0 || times.length < amount) {
    throw new Error(`${page.name}: ${times.length} of ${amount} answers, with status ${[...statuses].join(', ')}`);
  }
  return times;
}

export interface Snapshot {
  /** from the request for an event stream to the end of its snapshot */
  readonly ms: number;
  readonly bytes: number;
  /** what a browser that has it says when it comes back after a break */
  readonly known: string;
}

/** @param known of a snapshot that was read before; null for a browser that has nothing yet */
export async function snapshotOf(portal: Portal, known: string | null): Promise<Snapshot> {
  const ended = new AbortController();
  const begun = performance.now();
  const query = known === null ? '' : `&known=${known}`;
  const answer = await fetch(`${portal.base}/api/events?person=${portal.person}${query}`, {
    headers: { cookie: portal.cookie },
    signal: ended.signal,
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(`The event stream answered ${answer.status}`);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of answer.body) {
      text += decoder.decode(chunk, { stream: true });
      const from = text.indexOf('data: ');
      const to = from < 0 ? -1 : text.indexOf('\n\n', from);
      if (to < 0) continue;
      const ms = performance.now() - begun;
      const message = text.slice(from + 'data: '.length, to);
      const { connectors } = SNAPSHOT.parse(JSON.parse(message));
      return { ms, bytes: Buffer.byteLength(message), known: writeFingerprints(fingerprintsOf(connectors)) };
    }
  } finally {
    ended.abort();
  }
  throw new Error('The event stream ended without a snapshot');
}

const SNAPSHOT = z.object({ connectors: z.array(z.object({ id: z.string(), version: z.number() })).default([]) });

/** The time that 95 in 100 do not exceed. */
export function p95(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? Number.NaN;
}
