/** What a browser sends: forms, and the query of an address. Of a field that is sent twice the first counts. */
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { z } from 'zod';

export type Fields = Readonly<Record<string, string>>;

const FORM = 'application/x-www-form-urlencoded';

const fieldsSchema = z
  .record(z.string(), z.union([z.string(), z.array(z.string()).transform(([first = '']) => first)]))
  .catch({});

/** The fields of a form's body or of a query; none where it is neither. */
export function readFields(sent: unknown): Fields {
  return fieldsSchema.parse(sent);
}

/** Makes `server` understand forms, unless it does already. */
export function understandForms(server: FastifyInstance): void {
  if (server.hasContentTypeParser(FORM)) return;
  server.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => {
    // the last entry of a name wins in an object, so the first one comes last
    done(null, Object.fromEntries([...new URLSearchParams(String(body))].reverse()));
  });
}

/** The same routes, understanding forms. */
export function formRoutes(routes: FastifyPluginAsync): FastifyPluginAsync {
  return async (server) => {
    understandForms(server);
    await server.register(routes);
  };
}
