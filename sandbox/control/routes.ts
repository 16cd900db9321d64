/**
 * The control API, `/sandbox/control/*` on the browser's listener, JSON in and out. For tests and for the pages; a
 * page of another site cannot use it, since it takes only JSON and only from this machine's names.
 */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { ContractWatch } from '../contracts/watch-services.ts';
import type { AppManifest } from '../entra/app-manifest.ts';
import type { CertificateRegistry } from '../entra/certificates.ts';
import { type ConsentRegistry, graphPermissions } from '../entra/consents.ts';
import { delegatedPermissions } from '../entra/delegated-permissions.ts';
import { graphLimitsSchema } from '../graph/limits.ts';
import type { LimitsDesk } from '../graph/limits-desk.ts';
import type { MailboxReader } from '../graph/views.ts';
import type { TelemessageSite } from '../telemessage/site.ts';
import type { Directory } from '../world/directory.ts';
import { findByAddress, findPerson, findTenant } from '../world/tenants.ts';
import { appManifestControl } from './app-manifest.ts';
import { certificateControl } from './certificates.ts';
import { directoryRoutes } from './directory-routes.ts';
import { faultControlRoutes } from './fault-routes.ts';
import type { FaultRegistry } from './faults.ts';
import { messageRoutes } from './message-routes.ts';
import { answerInOwnWords } from './own-words.ts';
import { telemessageControlRoutes } from './telemessage-routes.ts';

export interface ControlSurroundings {
  readonly faults: FaultRegistry;
  readonly consents: ConsentRegistry;
  readonly directory: Directory;
  readonly mailboxes: MailboxReader;
  readonly certificates: CertificateRegistry;
  readonly manifest: AppManifest;
  readonly limits: LimitsDesk;
  readonly contracts: ContractWatch;
  readonly telemessage: TelemessageSite;
  /** forgets what is in the mailboxes, upload sessions, and what was sent outside */
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
  const { faults, consents, directory, limits } = around;
  const { tenants } = directory;
  return async (server) => {
    answerInOwnWords(server);
    await server.register(directoryRoutes(directory));
    await server.register(messageRoutes(directory, around.mailboxes));
    await server.register(faultControlRoutes(faults));
    await server.register(certificateControl(around.certificates));
    await server.register(appManifestControl(around.manifest));
    await server.register(telemessageControlRoutes(around.telemessage));

    server.get<TenantParams>('/consents/:tenant', async (request, reply) => {
      const tenant = findTenant(tenants, request.params.tenant);
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
      const tenant = findTenant(tenants, request.params.tenant);
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
      const tenant = findTenant(tenants, request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      consents.revoke(tenant.id);
      consents.limitMailboxes(tenant.id, undefined);
      return reply.code(204).send();
    });

    server.get('/contracts', async () => around.contracts.report());

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

    server.delete('/mailboxes', async (_request, reply) => {
      around.clearMailboxes();
      return reply.code(204).send();
    });
    /** everything as at a first start, but for connectors that are registered at the source */
    server.post('/reset', async (_request, reply) => {
      faults.clear();
      consents.revokeAll();
      around.certificates.clear();
      around.manifest.reset();
      limits.reset();
      around.clearMailboxes();
      directory.reset();
      around.telemessage.reset();
      return reply.code(204).send();
    });
  };
}
