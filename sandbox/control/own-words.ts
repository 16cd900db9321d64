/** What the control API answers where no route of it does. */
import type { FastifyError, FastifyInstance } from 'fastify';
import { isForeign } from '../listeners.ts';

/**
 * JSON with a sentence, for requests of another site's page, requests that cannot be read, routes that are not there,
 * and faults of the sandbox.
 */
export function answerInOwnWords(server: FastifyInstance): void {
  // a page of another site can send text, and a POST without a body, unasked
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' && isForeign(request)) {
      return reply.code(403).send({ error: 'Another site’s page may not use the control API.' });
    }
    return undefined;
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'The control API has no such route. See sandbox/README.md.' }),
  );
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    return reply.code(status).send({ error: sentence(status, error.message) });
  });
}

function sentence(status: number, message: string): string {
  if (status === 413) return 'The body is too long.';
  if (status === 415) return 'The control API takes JSON only.';
  return status < 500 ? 'The body is no JSON.' : `The sandbox failed: ${message}`;
}
