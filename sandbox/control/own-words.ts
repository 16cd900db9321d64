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
    const sentence = status < 500 ? (SENTENCES[error.code] ?? UNREADABLE) : `The sandbox failed: ${error.message}`;
    return reply.code(status).send({ error: sentence });
  });
}

const UNREADABLE = 'The request cannot be read.';

/** by Fastify's code for what it refuses before any route sees it */
const SENTENCES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is no JSON, or has a key named __proto__ or constructor.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty, and the headers say that it is JSON.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The control API takes JSON only.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too long.',
};
