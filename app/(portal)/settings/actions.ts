'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { database } from '#lib/db.ts';
import { type SetSuspended, type SetSuspendedResult, setDeletionSuspended } from '#lib/retention/suspend.ts';

const suspendedSchema = z.object({ suspended: z.boolean(), reason: z.string().max(10_000) });

export async function setDeletionSuspendedAction(choice: SetSuspended): Promise<SetSuspendedResult> {
  const actor = await requireActor('retention.manage');
  return setDeletionSuspended(database().pool, actor, suspendedSchema.parse(choice));
}
