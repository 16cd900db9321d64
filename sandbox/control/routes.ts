/**
 * The control API, `/sandbox/control/*` on the browser's listener, JSON in and out. For tests and for the pages; a
 * page of another site cannot use it, since it takes only JSON and only from this machine's names.
 */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { ContractWatch } from '../contracts/watch-services.ts';
import type { CertificateRegistry } from '../entra/certificates.ts';
import { type ConsentRegistry, graphPermissions } from '../entra/consents.ts';
import { delegatedPermissions } from '../entra/delegated-permissions.ts';
import { type GraphLimits, graphLimitsSchema } from '../graph/limits.ts';
import { type MailboxSettings, mailboxChangeSchema } from '../graph/mailbox-settings.ts';
import { findByAddress, findPerson, findTenant, tenants } from '../world/tenants.ts';
import { type FaultRegistry, faultRuleSchema } from './faults.ts';

export interface ControlSurroundings {
  readonly faults: FaultRegistry;
  readonly consents: ConsentRegistry;
  readonly certificates: CertificateRegistry;
  readonly mailboxSettings: MailboxSettings;
  readonly limits: GraphLimits;
  readonly contracts: ContractWatch;
  /** puts the limits back to what the settings say, and forgets what was used of them */
  readonly resetLimits: () => void;
  /** forgets what is in the mailboxes, what was changed about them, and upload sessions */
  readonly clearMailboxes: () => void;
}

const consentSchema = z.strictObject({
  permissions: z.array(z.enum(graphPermissions)).default(['User.Read.All', 'Mail.ReadWrite']),
  /** on behalf of signed-in people, consented by an administrator */
  delegated: z.array(z.enum(delegatedPermissions)).default([]),
  /** addresses or object ids of the only mailboxes that the app may touch */
  mailboxes: z.array(z.string()).optional(),
});

interface TenantParams {
  Params: { tenant: string };
}

export function controlRoutes(around: ControlSurroundings): FastifyPluginAsync {
  const { faults, consents, limits } = around;
  return async (server) => {
    server.get('/faults', async () => ({ rules: faults.rules() }));
    server.post('/faults', async (request, reply) => {
      const parsed = faultRuleSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      return reply.code(201).send(faults.add(parsed.data));
    });
    server.delete('/faults', async (_request, reply) => {
      faults.clear();
      return reply.code(204).send();
    });
    server.delete<{ Params: { id: string } }>('/faults/:id', async (request, reply) =>
      faults.remove(request.params.id)
        ? reply.code(204).send()
        : reply.code(404).send({ error: 'There is no such rule.' }),
    );

    server.get<TenantParams>('/consents/:tenant', async (request, reply) => {
      const tenant = findTenant(request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      const scope = consents.mailboxScope(tenant.id);
      const delegated = consents.delegated(tenant.id);
      return {
        permissions: consents.granted(tenant.id),
        ...(delegated.length > 0 && { delegated }),
        ...(scope && { mailboxes: [...scope] }),
      };
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
      consents.grantDelegated(tenant.id, parsed.data.delegated);
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

    server.get('/contracts', async () => around.contracts.report());

    server.get('/limits', async () => limits);
    server.patch('/limits', async (request, reply) => {
      const parsed = graphLimitsSchema.partial().strict().safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      return Object.assign(limits, parsed.data);
    });
    server.delete('/limits', async (_request, reply) => {
      around.resetLimits();
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
    /** everything as at a first start, the source apart */
    server.post('/reset', async (_request, reply) => {
      faults.clear();
      consents.revokeAll();
      around.certificates.clear();
      around.resetLimits();
      around.clearMailboxes();
      return reply.code(204).send();
    });
  };
}
