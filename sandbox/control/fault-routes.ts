/** `/sandbox/control/faults`: the rules in force, one by one or a whole scenario at once. */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { FaultRegistry } from './faults.ts';

export function faultControlRoutes(faults: FaultRegistry): FastifyPluginAsync {
  const scenarioSchema = z.strictObject({ rules: z.array(faults.ruleSchema) });
  return async (server) => {
    server.get('/faults', async () => ({ rules: faults.rules() }));
    server.post('/faults', async (request, reply) => {
      const parsed = faults.ruleSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      return reply.code(201).send(faults.add(parsed.data));
    });
    server.put('/faults', async (request, reply) => {
      const parsed = scenarioSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      return { rules: faults.replace(parsed.data.rules) };
    });
    server.delete('/faults', async (_request, reply) => {
      faults.clear();
      return reply.code(204).send();
    });
    server.delete<{ Params: { id: string } }>('/faults/:id', async (request, reply) =>
      faults.remove(request.params.id)
        ? reply.code(204).send()
        : reply.code(404).send({ error: 'There is no such rule.' }),
    );
  };
}
