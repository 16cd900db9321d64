/**
 * The rows behind a stream, kept while it breaks and comes back: what the server is told of them it does not send again. Who
 * listens gets whole messages, whatever travelled. Runs in a page and in a shared worker alike.
 */
import { bucketOf, fingerprintsOf, writeFingerprints } from '#lib/connectors/row-buckets.ts';
import type { ConnectorRow, LiveMessage } from '#lib/connectors/snapshot.ts';

export interface CurrentRows {
  /** the address of the stream, with what is here already */
  readonly address: () => string;
  /** @returns what it means for those who know nothing yet of rows that were kept */
  readonly take: (message: LiveMessage) => LiveMessage;
  /** everything, for one who comes later; null before the stream has told anything */
  readonly snapshot: () => LiveMessage | null;
}

/**
 * @param url same-origin address of the stream
 * @param start rows of all connectors, as a page brought them; empty where it brought fewer
 */
export function currentRows(url: string, start: readonly ConnectorRow[]): CurrentRows {
  let rows = new Map(start.map((row) => [row.id, row]));
  let at: string | null = null;
  const snapshot = (): LiveMessage | null =>
    at === null ? null : { type: 'snapshot', at, connectors: [...rows.values()], kept: [] };
  return {
    address() {
      if (rows.size === 0) return url;
      const known = writeFingerprints(fingerprintsOf(rows.values()));
      return `${url}${url.includes('?') ? '&' : '?'}known=${known}`;
    },
    take(message) {
      // Before the first snapshot nothing is known of what the start holds.
      if (at !== null || message.type === 'snapshot') at = message.at;
      if (message.type === 'heartbeat') return message;
      if (message.type === 'snapshot') {
        const { kept } = message;
        rows = new Map([...rows].filter(([id]) => kept.includes(bucketOf(id))));
      } else for (const id of message.removed) rows.delete(id);
      for (const row of message.connectors) rows.set(row.id, row);
      return message.type === 'snapshot' ? (snapshot() ?? message) : message;
    },
    snapshot,
  };
}
