/** The four HTTP servers: what all of them have in common. */
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ServerTls } from './tls.ts';

/** how long open connections may take to end when the sandbox stops */
const KEEP_ALIVE_MS = 65_000;
/** object ids, immutable ids and encoded addresses in a path are longer than Fastify's 100 characters */
const LONGEST_PARAMETER = 2_048;

const options = {
  forceCloseConnections: true,
  keepAliveTimeout: KEEP_ALIVE_MS,
  routerOptions: { maxParamLength: LONGEST_PARAMETER },
  // Graph's own limits answer before Fastify's
  bodyLimit: 8 * 1_048_576,
} as const;

/**
 * A server for browsers. Where only this machine reaches it, it answers to this machine's names only, so that no foreign
 * page comes in by DNS.
 * @param refuse answers what cannot even be routed, as a path with a broken percent-encoding
 */
export function browserListener(
  isRemote: boolean,
  refuse: (reply: FastifyReply, error: FastifyError) => FastifyReply,
): FastifyInstance {
  const server = Fastify({ ...options, frameworkErrors: (error, _request, reply) => refuse(reply, error) });
  if (!isRemote) {
    server.addHook('onRequest', async (request, reply) => {
      if (!isLoopbackName(request.hostname)) {
        await reply.code(421).type('text/plain').send('The sandbox answers to localhost and 127.0.0.1 only.');
      }
    });
  }
  return server;
}

/** Answers a request whose URL the router cannot decode, before any route is found. */
export type UnroutableAnswer = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** A server for programs, over TLS. */
export function secureListener(tls: ServerTls, unroutable: UnroutableAnswer): FastifyInstance {
  const https = { key: tls.key, cert: tls.cert };
  return Fastify({ ...options, https, frameworkErrors: (_error, request, reply) => unroutable(request, reply) });
}

function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' || hostname === '::1';
}

/** Whether a browser sent this for another site's page. */
export function isForeign(request: FastifyRequest): boolean {
  const origin = request.headers.origin;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return origin !== undefined && URL.parse(origin)?.host !== request.headers.host;
}
