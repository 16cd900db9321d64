/** What a tab and the shared worker say to each other. Both are this portal's own code. */
import type { LiveMessage } from '#lib/connectors/snapshot.ts';

export type ToWorker = { readonly say: 'watch'; readonly url: string } | { readonly say: 'leave' };

export type FromWorker = { readonly say: 'message'; readonly message: LiveMessage } | { readonly say: 'broken' };
