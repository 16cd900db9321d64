/** Graph over HTTP: reads a request, has it answered, writes the answer with the headers that every answer has. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { runBatch } from './batch.ts';
import type { Callers } from './callers.ts';
import { errors } from './errors.ts';
import { ByteStream, type Caller, type GraphRequest, type GraphResponse, JsonText, splitUrl } from './request.ts';
import { readBody } from './request-body.ts';
import type { GraphService, Ids } from './service.ts';
import { answerUpload } from './upload-route.ts';
import { wholeBody } from './whole-body.ts';

export function graphRoutes(service: GraphService, callers: Callers): FastifyPluginAsync {
  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request: FastifyRequest, payload: Readable) => wholeBody(payload));
    server.setErrorHandler((error: { statusCode?: number }, request, reply) => {
      const ids = idsOf(request);
      return send(service, reply, ids, service.refusal(inGraphsWords(error), ids));
    });
    server.setNotFoundHandler((request, reply) => {
      const ids = idsOf(request);
      return send(service, reply, ids, service.refusal(errors.methodNotAllowed(), ids));
    });

    server.all<{ Params: { token: string } }>('/uploads/:token', async (request, reply) => {
      const ids = idsOf(request);
      return send(service, reply, ids, await struckAnswer(request, () => answerUpload(service, request, ids)));
    });
    server.all('/*', async (request, reply) => {
      const ids = idsOf(request);
      return send(service, reply, ids, await struckAnswer(request, () => answer(service, callers, request, ids)));
    });
  };
}

/** The answer; of the second time, where a fault rule has the request carried out twice. */
async function struckAnswer(
  request: FastifyRequest,
  work: () => GraphResponse | Promise<GraphResponse>,
): Promise<GraphResponse> {
  if (request.sandboxFault?.kind === 'duplicate') request.sandboxFaultDone = (await work()).status < 400;
  return work();
}

/** Graph's answer to a URL that cannot be decoded, which never comes to its routes. */
export function badGraphUrl(service: GraphService) {
  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const ids = idsOf(request);
    return send(service, reply, ids, service.refusal(errors.badUrl(), ids));
  };
}

/**
 * Who asks; with a token that a fault rule ends, nobody any more.
 * @throws {GraphError} 401
 */
async function identified(callers: Callers, request: FastifyRequest, now: Date): Promise<Caller> {
  const { authorization } = request.headers;
  const caller = await callers.identify(authorization, now);
  if (request.sandboxFault?.kind === 'expire') {
    request.sandboxFaultDone = callers.end(authorization);
    callers.refuseEnded(authorization);
  }
  return caller;
}

async function answer(
  service: GraphService,
  callers: Callers,
  request: FastifyRequest,
  ids: Ids,
): Promise<GraphResponse> {
  try {
    const url = splitUrl(request.raw.url ?? '');
    if (!url) throw errors.badUrl();
    const [version, ...segments] = url.segments;
    if (version !== 'v1.0' && version !== 'beta') throw errors.badRequest(`Invalid version: ${version ?? ''}.`);
    const caller = await identified(callers, request, service.context.clock());
    const { method, headers } = request;
    const described = { method, segments, contentType: headers['content-type'] };
    const body = readBody({ ...described, contentEncoding: headers['content-encoding'] }, request.body);

    if (segments.length === 1 && segments[0]?.toLowerCase() === '$batch') {
      if (request.method !== 'POST') throw errors.methodNotAllowed();
      const { authorization } = request.headers;
      const token = {
        end: () => callers.end(authorization),
        refuseEnded: () => callers.refuseEnded(authorization),
      };
      const batch = await runBatch(body, {
        version,
        caller,
        answer: (step) => service.answerInBatch(step, ids, token),
        refuse: (error) => service.refusal(error, ids),
      });
      return { status: 200, body: batch };
    }
    const single: GraphRequest = {
      version,
      method: request.method,
      segments,
      query: url.query,
      headers: textHeaders(request),
      body,
      bodyBytes: request.body instanceof Buffer ? request.body.length : 0,
      caller,
    };
    return await service.answer(single, ids);
  } catch (error) {
    return service.refusal(error, ids);
  }
}

async function send(
  service: GraphService,
  reply: FastifyReply,
  ids: Ids,
  response: GraphResponse,
): Promise<FastifyReply> {
  await service.context.store.settled();
  reply.code(response.status).headers({
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
    'odata-version': '4.0',
    'cache-control': 'no-cache',
    ...response.headers,
  });
  const { body } = response;
  if (body === undefined) return reply.send();
  if (body instanceof Uint8Array) return reply.send(Buffer.from(body));
  if (body instanceof ByteStream) return reply.send(Readable.from(body.chunks));
  return reply
    .type('application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8')
    .send(body instanceof JsonText ? body.text : JSON.stringify(body));
}

function idsOf(request: FastifyRequest): Ids {
  const requestId = randomUUID();
  const sent = request.headers['client-request-id'];
  return { requestId, clientRequestId: typeof sent === 'string' ? sent : requestId };
}

/** What Fastify refuses before a handler sees it: content types that are none, and requests that contradict themselves. */
function inGraphsWords(error: { statusCode?: number }): unknown {
  const { statusCode } = error;
  if (statusCode === 415) return errors.unsupportedMediaType();
  return statusCode !== undefined && statusCode < 500 ? errors.badRequest('The request is malformed.') : error;
}

function textHeaders(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
