/** Whether notices get through at all: shown in the portal, because a mail about it would not arrive either. */
import type pg from 'pg';
import { type Actor, authorize } from '../security/actor.ts';
import { isAllowed } from '../security/roles.ts';
import { type Undelivered as Stored, undeliveredNotices } from './store/shown.ts';

export interface Undelivered extends Omit<Stored, 'since' | 'answer'> {
  /** when the oldest of them was made. ISO 8601 */
  readonly since: string;
  /** in the server's words; null for who may not manage: they may name hosts of the operator's own network */
  readonly answer: string | null;
}

/** Notices of the actor's organization that were tried and have not got through for ten minutes, by channel. @throws NotAllowed */
export async function undelivered(pool: pg.Pool, actor: Actor): Promise<Undelivered[]> {
  authorize(actor, 'connectors.read');
  const manages = isAllowed(actor.roles, 'connectors.manage');
  const found = await undeliveredNotices(pool, actor.organizationId);
  return found.map(({ channel, count, since, answer }) => ({
    channel,
    count,
    since: since.toISOString(),
    answer: manages ? answer : null,
  }));
}
