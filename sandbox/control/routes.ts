/**
 * The control API, `/sandbox/control/*` on the browser's listener, JSON in and out. For tests and for the pages; a
 * page of another site cannot use it, since it takes only JSON and only from this machine's names.
 */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { type ConsentRegistry, graphPermissions } from '../entra/consents.ts';
import { graphLimitsSchema } from '../graph/limits.ts';
import type { LimitsDesk } from '../graph/limits-desk.ts';
import { type MailboxSettings, mailboxChangeSchema } from '../graph/mailbox-settings.ts';
import { findByAddress, findPerson, findTenant, tenants } from '../world/tenants.ts';
import { faultControlRoutes } from './fault-routes.ts';
import type { FaultRegistry } from './faults.ts';

export interface ControlSurroundings {
  readonly faults: FaultRegistry;
  readonly consents: ConsentRegistry;
  readonly mailboxSettings: MailboxSettings;
  readonly limits: LimitsDesk;
  /** TeleMessage's conditions and accounts as at a first start */
  readonly resetTelemessage: () => void;
  /** forgets what is in the mailboxes, what was changed about them, and upload sessions */
  readonly clearMailboxes: () => void;
}

const consentSchema = z.strictObject({
  permissions: z.array(z.enum(graphPermissions)).default(['User.Read.All', 'Mail.ReadWrite']),
  /** addresses or object ids of the only mailboxes that the app may touch */
  mailboxes: z.array(z.string()).optional(),
});

interface TenantParams {
  Params: { tenant: string };
}

export function controlRoutes(around: ControlSurroundings): FastifyPluginAsync {
  const { faults, consents, limits } = around;
  return async (server) => {
    await server.register(faultControlRoutes(faults));

    server.get<TenantParams>('/consents/:tenant', async (request, reply) => {
      const tenant = findTenant(request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      const scope = consents.mailboxScope(tenant.id);
      return { permissions: consents.granted(tenant.id), ...(scope && { mailboxes: [...scope] }) };
    });
    server.put<TenantParams>('/consents/:tenant', async (request, reply) => {
      const tenant = findTenant(request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      const parsed = consentSchema.safeParse(request.body ?? {});
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      const mailboxes = parsed.data.mailboxes?.map(
        (one) => (findPerson(tenant, one) ?? findByAddress(tenant, one))?.id,
      );
      if (mailboxes?.includes(undefined))
        return reply.code(400).send({ error: 'One of the mailboxes does not exist.' });
      consents.grant(tenant.id, parsed.data.permissions);
      consents.limitMailboxes(
        tenant.id,
        mailboxes?.filter((id) => id !== undefined),
      );
      return { permissions: consents.granted(tenant.id), ...(mailboxes && { mailboxes }) };
    });
    server.delete<TenantParams>('/consents/:tenant', async (request, reply) => {
      const tenant = findTenant(request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      consents.revoke(tenant.id);
      consents.limitMailboxes(tenant.id, undefined);
      return reply.code(204).send();
    });

    server.get('/limits', async () => ({ ...limits.inForce, throttled: limits.throttled() }));
    server.patch('/limits', async (request, reply) => {
      const parsed = graphLimitsSchema.partial().strict().safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      limits.change(parsed.data);
      return limits.inForce;
    });
    server.delete('/limits', async (_request, reply) => {
      limits.reset();
      return reply.code(204).send();
    });

    /** a mailbox by its owner's object id, principal name or address */
    server.patch<{ Params: { mailbox: string } }>('/mailboxes/:mailbox', async (request, reply) => {
      const { mailbox } = request.params;
      const person = tenants
        .map((tenant) => findPerson(tenant, mailbox) ?? findByAddress(tenant, mailbox))
        .find(Boolean);
      if (!person) return reply.code(404).send({ error: 'There is no such mailbox.' });
      const parsed = mailboxChangeSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      around.mailboxSettings.change(person, parsed.data);
      return {
        kind: around.mailboxSettings.kindOf(person),
        messageBytes: around.mailboxSettings.messageBytesOf(person),
      };
    });
    server.delete('/mailboxes', async (_request, reply) => {
      around.clearMailboxes();
      return reply.code(204).send();
    });
    /** everything as at a first start, but for connectors that are registered at the source */
    server.post('/reset', async (_request, reply) => {
      faults.clear();
      consents.revokeAll();
      limits.reset();
      around.clearMailboxes();
      around.resetTelemessage();
      return reply.code(204).send();
    });
  };
}
