/** `/sandbox/control/telemessage`: how the TeleMessage site behaves, in force at once. */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { accountChangeSchema } from '../telemessage/account-book.ts';
import { conditionsSchema } from '../telemessage/conditions.ts';
import { connectorStatuses } from '../telemessage/registrations.ts';
import type { TelemessageSite } from '../telemessage/site.ts';

const changeSchema = conditionsSchema.partial();
const connectorChangeSchema = z.strictObject({ status: z.enum(connectorStatuses) });

export function telemessageControlRoutes(site: TelemessageSite): FastifyPluginAsync {
  const show = () => ({
    ...site.conditions.inForce,
    accounts: site.accounts.all().map((one) => account(site, one)),
    connectors: site.registrations.all(),
  });

  return async (server) => {
    server.get('/telemessage', async () => show());
    server.patch('/telemessage', async (request, reply) => {
      const parsed = changeSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      site.conditions.change(parsed.data);
      return show();
    });
    server.delete('/telemessage', async (_request, reply) => {
      site.reset();
      return reply.code(204).send();
    });
    server.patch<{ Params: { username: string } }>('/telemessage/accounts/:username', async (request, reply) => {
      const { username } = request.params;
      if (!site.accounts.find(username)) return reply.code(404).send({ error: 'There is no such account.' });
      const parsed = accountChangeSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      site.accounts.change(username, parsed.data);
      if (parsed.data.unlock === true) site.signIn.unlock(username);
      const changed = site.accounts.find(username);
      return changed && account(site, changed);
    });
    server.patch<{ Params: { id: string } }>('/telemessage/connectors/:id', async (request, reply) => {
      const parsed = connectorChangeSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      const changed = site.registrations.setStatus(request.params.id, parsed.data.status);
      return changed ?? reply.code(404).send({ error: 'There is no such connector.' });
    });
  };
}

function account(site: TelemessageSite, one: ReturnType<TelemessageSite['accounts']['all']>[number]) {
  const { username, state, kinds } = one;
  return { username, state, locked: site.signIn.isLocked(username), kinds };
}
