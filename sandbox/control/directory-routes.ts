/** Control API for people and their mailboxes: joiners, movers, leavers and licences, while the sandbox runs. */
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Directory } from '../world/directory.ts';
import { attempt } from '../world/directory-attempt.ts';
import { DirectoryRefusal } from '../world/directory-rules.ts';
import { newPersonSchema, personChangeSchema } from '../world/person-schema.ts';
import { findTenant } from '../world/tenants.ts';

const mailboxChangeSchema = z.strictObject({
  kind: personChangeSchema.shape.mailbox,
  messageBytes: personChangeSchema.shape.messageBytes,
});

/** somebody by object id, user principal name or address; for who was removed, by object id */
interface PersonParams {
  Params: { person: string };
}

export function directoryRoutes(directory: Directory): FastifyPluginAsync {
  const { tenants } = directory;
  return async (server) => {
    server.get('/people', async () => ({
      people: tenants.flatMap(({ id, people }) => people.map((one) => ({ tenant: id, ...one }))),
      removed: tenants.flatMap(({ id }) => directory.removed(id).map((one) => ({ tenant: id, ...one }))),
    }));

    server.post<{ Params: { tenant: string } }>('/tenants/:tenant/people', async (request, reply) => {
      const tenant = findTenant(tenants, request.params.tenant);
      if (!tenant) return reply.code(404).send({ error: 'There is no such tenant.' });
      return take(reply, newPersonSchema, request.body, (somebody) => {
        const person = directory.add(tenant.id, somebody);
        return reply.code(201).send({ tenant: tenant.id, ...person });
      });
    });

    server.patch<PersonParams>('/people/:person', async (request, reply) => {
      const found = directory.find(request.params.person);
      if (!found) return nobody(reply);
      return take(reply, personChangeSchema, request.body, (change) =>
        reply.send({ tenant: found.tenant.id, ...directory.change(found.person.id, change) }),
      );
    });

    server.delete<PersonParams>('/people/:person', async (request, reply) => {
      const found = directory.find(request.params.person);
      if (!found) return nobody(reply);
      directory.remove(found.person.id);
      return reply.code(204).send();
    });

    server.post<PersonParams>('/people/:person/restore', async (request, reply) => {
      const id = request.params.person.toLowerCase();
      const tenant = tenants.find((one) => directory.removed(one.id).some((person) => person.id === id));
      if (!tenant) return reply.code(404).send({ error: 'Nobody with this object id was removed.' });
      return take(reply, z.unknown(), undefined, () => reply.send({ tenant: tenant.id, ...directory.restore(id) }));
    });

    /** a mailbox by its owner */
    server.patch<PersonParams>('/mailboxes/:person', async (request, reply) => {
      const found = directory.find(request.params.person);
      if (!found) return reply.code(404).send({ error: 'There is no such mailbox.' });
      return take(reply, mailboxChangeSchema, request.body, ({ kind, messageBytes }) => {
        const person = directory.change(found.person.id, { mailbox: kind, messageBytes });
        return reply.send({ kind: person.mailbox, messageBytes: person.messageBytes ?? undefined });
      });
    });
  };
}

/** Answers with what `act` makes of the body, or 400 with the sentence that says what is wrong. */
function take<T extends z.ZodType>(
  reply: FastifyReply,
  schema: T,
  body: unknown,
  act: (value: z.infer<T>) => FastifyReply,
): FastifyReply {
  const tried = attempt(schema, body, act);
  if ('done' in tried) return tried.done;
  const { refused } = tried;
  return reply
    .code(400)
    .send({ error: refused instanceof DirectoryRefusal ? refused.message : z.prettifyError(refused) });
}

function nobody(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'Nobody has this object id, user principal name or address.' });
}
