/** Control API: the manifest of the portal's app registration, `/sandbox/control/app`. */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { AppManifest } from '../entra/app-manifest.ts';

const bodySchema = z.strictObject({ wids: z.boolean() });

export function appManifestControl(manifest: AppManifest): FastifyPluginAsync {
  return async (server) => {
    server.get('/app', async () => ({ wids: manifest.wids }));
    server.patch('/app', async (request, reply) => {
      const parsed = bodySchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      manifest.change(parsed.data);
      return { wids: manifest.wids };
    });
  };
}
