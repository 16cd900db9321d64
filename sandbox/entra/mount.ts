/** oidc-provider under a path of Fastify: it reads the request and writes the answer by itself. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';

/**
 * Hands a request to a tenant's provider. The first path segment, which names the tenant, is its mount point; what
 * follows are its own routes.
 */
export function handToProvider(provider: Provider, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = request;
  const originalUrl = raw.url ?? '/';
  const mounted = Object.assign(raw, { originalUrl });
  mounted.url = originalUrl.replace(/^\/[^/?]+/, '');
  void provider.callback()(mounted, reply.raw);
}
