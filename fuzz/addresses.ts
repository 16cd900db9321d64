/** Addresses: where to go after signing in, webhooks, and what pages read from their queries. */
import fc from 'fast-check';
import { summaryQuery, summaryViewOf } from '#components/connector/summary-view.ts';
import { savedViews } from '#components/connectors/saved-views.ts';
import { queryOf as connectorsQuery, viewOf } from '#components/connectors/view.ts';
import { differenceView, versionAddress } from '#components/mapping/addresses.ts';
import { localPath } from '#components/sign-in/local-path.ts';
import { historyQuery, historySelection } from '#lib/connectors/history-words.ts';
import { selectionOf, selectionQuery } from '#lib/coverage/selection.ts';
import { mayConnect } from '#lib/notifications/addresses.ts';
import { createWeb } from '#lib/notifications/web.ts';
import { address, json, queryOf, text } from './arbitraries.ts';
import { must, type Target } from './target.ts';

const PORTAL = 'https://portal.example';
const web = createWeb({ hosts: ['hooks.example', 'other.example:8443'], privateHosts: ['[::1]'] });

const NAMES = [
  ...[
    'search',
    'sort',
    'descending',
    'columns',
    'needing',
    'health',
    'kind',
    'month',
    'day',
    'tables',
    'days',
    'filter',
  ],
  ...['reason', 'silent', 'after', 'person', 'before', 'against', 'callbackUrl', 'olderThan', 'from', 'to'],
];

interface Asked {
  readonly address: string;
  readonly query: URLSearchParams;
  readonly stored: string;
}

/** What is read from an address, written again and read again, is the same: nothing grows, nothing is made up. */
function isStable<T>(read: (query: URLSearchParams) => T, write: (view: T) => string, query: URLSearchParams): void {
  const once = read(query);
  const again = read(new URLSearchParams(write(once)));
  must(
    JSON.stringify(again) === JSON.stringify(once),
    `${JSON.stringify(once)} comes back as ${JSON.stringify(again)}`,
  );
}

export const addresses: Target<Asked> = {
  name: 'addresses and queries',
  input: fc.record({
    address,
    query: queryOf(NAMES),
    stored: fc.oneof(
      text,
      json.map((of) => JSON.stringify(of) ?? ''),
    ),
  }),
  feed: ({ address: given, query, stored }) => {
    const path = localPath(given, PORTAL);
    must(path.startsWith('/') && new URL(path, PORTAL).origin === PORTAL, `${given} leads to ${path}`);
    // Browsers take a backslash for a slash, and two slashes for another host.
    must(!/^\/[/\\]/.test(path), `${given} leads to another host: ${path}`);
    if (web.problemOf(given) === null) {
      const { protocol, hostname, username } = new URL(given);
      must(protocol === 'https:' && username === '', `a webhook may go to ${given}`);
      must(['hooks.example', 'other.example', '[::1]'].includes(hostname), `a webhook may go to ${hostname}`);
    }
    mayConnect(given, true);
    isStable(viewOf, connectorsQuery, query);
    isStable(summaryViewOf, summaryQuery, query);
    isStable(selectionOf, selectionQuery, query);
    isStable(historySelection, historyQuery, query);
    const view = differenceView(Object.fromEntries(query));
    must(new URL(versionAddress('c', 'v', view), PORTAL).origin === PORTAL, 'a version has an address of its own');
    must(savedViews(stored).length <= 100, 'there are few saved views');
  },
};
