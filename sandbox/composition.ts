/**
 * What the rooms of the sandbox share. `start.ts` builds one `SandboxParts` and hands it to every room; a room takes
 * what it needs from it and nothing from another room. A room that serves HTTP exports a function
 * `(parts: SandboxParts) => FastifyPluginAsync`:
 *
 * - `telemessage/server.ts`: `telemessageRoutes`, mounted at `/` of the TeleMessage listener (https)
 * - `pages/routes.ts`: `pageRoutes`, mounted at `/` of the browser listener (http), beside `/sandbox/control/*` and
 *   `/{tenant}/*` (sign-in and consent), which belong to `control/` and `entra/`
 *
 * Fault rules are carried out around every route by `control/fault-hooks.ts`, but for the kinds `duplicate` and
 * `expire`, which mean something else in each service: a handler finds them in `request.sandboxFault`, and says in
 * `request.sandboxFaultDone` when they had their effect.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { FaultRegistry } from './control/faults.ts';
import type { ConsentRegistry } from './entra/consents.ts';
import type { LimitsDesk } from './graph/limits-desk.ts';
import type { MailboxReader } from './graph/views.ts';
import type { Outside } from './outside/outside.ts';
import type { SandboxSettings } from './settings.ts';
import type { Directory } from './world/directory.ts';
import type { Tenant } from './world/people.ts';

/** Now. Everything in the sandbox that has a time asks here, so that a test can set it. */
export type Clock = () => Date;

export interface SandboxParts {
  readonly settings: SandboxSettings;
  /** the organizations; their `people` are always those in force */
  readonly tenants: readonly Tenant[];
  /** who is in the organizations, to change */
  readonly directory: Directory;
  /** what lies in the mailboxes, by Entra object id of their owner; to look at, and to move or delete as a user would */
  readonly mailboxes: MailboxReader;
  /** application permissions that each tenant has granted to the portal */
  readonly consents: ConsentRegistry;
  readonly faults: FaultRegistry;
  /** Graph's limits */
  readonly limits: LimitsDesk;
  readonly clock: Clock;
  /** what the portal sent to the world outside */
  readonly outside: Outside;
  /**
   * One SQLite database, on disk in `SANDBOX_DATA` or in memory. Each room makes its own tables, named after the room
   * (`telemessage_…`), with `CREATE TABLE IF NOT EXISTS`.
   */
  readonly database: DatabaseSync;
}
