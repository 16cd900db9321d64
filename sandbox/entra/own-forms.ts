/** Whose forms Entra ID's pages take. */
import type { FastifyInstance } from 'fastify';
import { isForeign } from '../listeners.ts';
import { AUTHORIZE_ROUTE } from './authorize-routes.ts';
import { entraErrors } from './errors.ts';
import { errorPage } from './pages.ts';
import { setPageHeaders } from './sign-in-routes.ts';

/**
 * Refuses what another site's page posts to `server` and to all that is registered on it later: it could consent in
 * an administrator's name. Only a sign-in may begin elsewhere, since any app may ask for one by a form.
 */
export function takeOwnFormsOnly(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || request.routeOptions.url === AUTHORIZE_ROUTE || !isForeign(request)) return;
    const { code, message, status } = entraErrors.foreignForm();
    await setPageHeaders(reply)
      .code(status)
      .type('text/html')
      .send(errorPage(undefined, `AADSTS${code}`, message));
  });
}
