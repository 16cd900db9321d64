/** Control API: certificates of the portal's app registration, `/sandbox/control/app/certificates`. */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { AppCertificate, CertificateRegistry } from '../entra/certificates.ts';

const bodySchema = z.strictObject({ pem: z.string() });

export function certificateControl(certificates: CertificateRegistry): FastifyPluginAsync {
  return async (server) => {
    server.get('/app/certificates', async () => ({ certificates: certificates.all().map(shown) }));
    server.post('/app/certificates', async (request, reply) => {
      const parsed = bodySchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      try {
        return reply.code(201).send(shown(certificates.add(parsed.data.pem)));
      } catch (error) {
        if (error instanceof RangeError) return reply.code(400).send({ error: error.message });
        throw error;
      }
    });
    server.delete('/app/certificates', async (_request, reply) => {
      certificates.clear();
      return reply.code(204).send();
    });
    server.delete<{ Params: { thumbprint: string } }>('/app/certificates/:thumbprint', async (request, reply) =>
      certificates.remove(request.params.thumbprint)
        ? reply.code(204).send()
        : reply.code(404).send({ error: 'There is no such certificate.' }),
    );
  };
}

function shown({ thumbprint, subject, validFrom, validTo }: AppCertificate): Record<string, string> {
  return { thumbprint, subject, validFrom: validFrom.toISOString(), validTo: validTo.toISOString() };
}
