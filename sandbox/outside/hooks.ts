/** Takes webhooks and heartbeats under any address, and answers as receivers do: `/status/503` with that status. */
import type { FastifyPluginAsync } from 'fastify';
import type { Outside } from './outside.ts';

export function hookRoutes(outside: Outside): FastifyPluginAsync {
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    server.route({
      method: ['GET', 'POST'],
      url: '/*',
      handler: async (request, reply) => {
        const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
        const body = typeof request.body === 'string' ? request.body : '';
        outside.takeCall({ method: request.method, path: request.url, headers, body });
        const status = Number(/^\/status\/([2-5]\d\d)$/.exec(request.url)?.[1] ?? 200);
        return reply.code(status).type('text/plain').send('kept for people to look at');
      },
    });
  };
}
