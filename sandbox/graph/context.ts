/** What the handlers of Graph's routes work with. */
import type { ConsentRegistry } from '../entra/consents.ts';
import type { Tenant } from '../world/people.ts';
import type { GraphLimits } from './limits.ts';
import type { MailboxStore } from './mailbox-store.ts';
import type { GraphRequest, GraphResponse } from './request.ts';
import type { UploadSessions } from './upload-sessions.ts';

export interface GraphContext {
  /** with the people who are there now */
  readonly tenants: readonly Tenant[];
  readonly store: MailboxStore;
  readonly uploads: UploadSessions;
  readonly consents: ConsentRegistry;
  readonly limits: GraphLimits;
  readonly clock: () => Date;
  /** `https://localhost:4444`, for links in answers */
  readonly baseUrl: () => string;
  /** where upload sessions take bytes */
  readonly uploadsUrl: () => string;
}

/** Handles one route; `parameters` are the path segments that stand where the route has `{}`. */
export type Handler = (
  context: GraphContext,
  request: GraphRequest,
  parameters: readonly string[],
) => GraphResponse | Promise<GraphResponse>;
