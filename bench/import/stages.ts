/**
 * The engine's stages one after the other, in this process, so that each can be timed by itself: the same code as in a
 * worker, with a queue that only remembers. Reads the connector's id from its arguments and the product's environment;
 * prints seconds by stage.
 */
import { Redis } from 'ioredis';
import { z } from 'zod';
import { database } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { collectDue } from '#lib/imports/collect.ts';
import { deliverShard } from '#lib/imports/deliver.ts';
import { planConnector } from '#lib/imports/plan.ts';
import { reconcileImport } from '#lib/imports/reconcile.ts';
import { SHARDS } from '#lib/imports/shards.ts';
import { closeLimits } from '#lib/limits/composition.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { workerDeps } from '#workers/composition.ts';

export const stagesSchema = z.object({
  plan: z.number(),
  collect: z.number(),
  deliver: z.number(),
  reconcile: z.number(),
});
export type Stages = z.infer<typeof stagesSchema>;

if (import.meta.main) {
  const [connectorId = ''] = process.argv.slice(2);
  const { id: organizationId } = alderByrne;
  const redis = new Redis(env().REDIS_URL);
  const deps = { ...workerDeps(redis), enqueue: async () => {} };
  const never = new AbortController().signal;
  const seconds: Record<string, number> = {};
  const timed = async (stage: keyof Stages, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    seconds[stage] = (performance.now() - began) / 1_000;
  };
  await timed('plan', () => planConnector(deps, { organizationId, connectorId, trigger: 'first' }, never));
  await timed('collect', () => collectDue(deps, organizationId, connectorId, never));
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  await timed('deliver', () => Promise.all(shards.map((shard) => deliverShard(deps, organizationId, shard, never))));
  await timed('reconcile', async () => {
    for (const due of await deps.ledger.deliveredImports(null)) {
      await reconcileImport(deps, organizationId, due.importId, never);
    }
  });
  console.log(JSON.stringify(stagesSchema.parse(seconds)));
  redis.disconnect();
  closeLimits();
  await database().prisma.$disconnect();
  await database().pool.end();
}
