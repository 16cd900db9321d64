/** What a tab and the shared worker say to each other. Both are this portal's own code. */
import type { ConnectorRow, LiveMessage } from '#lib/connectors/snapshot.ts';

export type ToWorker =
  /** `start`: rows of all connectors that the tab's page came with; empty where it came with fewer */
  { readonly say: 'watch'; readonly url: string; readonly start: readonly ConnectorRow[] } | { readonly say: 'leave' };

export type FromWorker = { readonly say: 'message'; readonly message: LiveMessage } | { readonly say: 'broken' };
