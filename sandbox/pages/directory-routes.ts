/** The pages of the directory: who is there, each person, each organization's consent. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import type { Found } from '../world/directory.ts';
import { attempt } from '../world/directory-attempt.ts';
import { DirectoryRefusal } from '../world/directory-rules.ts';
import type { Tenant } from '../world/people.ts';
import { newPersonSchema, personChangeSchema } from '../world/person-schema.ts';
import { findTenant } from '../world/tenants.ts';
import { sendMissing, sendPage } from './answer.ts';
import { consentPage, consentPath, setConsent } from './consent-page.ts';
import { directoryPage } from './directory-page.ts';
import { readFields } from './forms.ts';
import { changeOf, fieldOf, newcomerOf } from './person-fields.ts';
import { newPersonPage, personPage, personPath, removedPage } from './person-page.ts';

const params = z.object({ tenant: z.string().default(''), person: z.string().default('') });

export function directoryPages({ directory, consents }: SandboxParts): FastifyPluginAsync {
  const { tenants } = directory;
  const tenantOf = (request: FastifyRequest): Tenant | undefined =>
    findTenant(tenants, params.parse(request.params).tenant);
  const present = (request: FastifyRequest): Found | undefined => directory.find(params.parse(request.params).person);
  const removed = (request: FastifyRequest): Found | undefined => {
    const id = params.parse(request.params).person;
    for (const tenant of tenants) {
      const person = directory.removed(tenant.id).find((one) => one.id === id);
      if (person) return { tenant, person };
    }
    return undefined;
  };

  return async (app) => {
    app.get('/directory', (_request, reply) => sendPage(reply, directoryPage(directory, consents)));

    app.get('/directory/people/:person', (request, reply) => {
      const found = present(request);
      if (found) return sendPage(reply, personPage(found, isSaved(request)));
      const gone = removed(request);
      return sendPage(reply, gone && removedPage(gone));
    });
    app.post('/directory/people/:person', (request, reply) => {
      const found = present(request);
      if (!found) return sendMissing(reply);
      const fields = readFields(request.body);
      const problems = problemsOf(personChangeSchema, changeOf(fields), (change) =>
        directory.change(found.person.id, change),
      );
      if (problems) return sendPage(reply.code(400), personPage(found, false, { fields, problems }));
      return reply.redirect(`${personPath(found.person)}?saved=yes`, 303);
    });
    app.post('/directory/people/:person/remove', (request, reply) => {
      const found = present(request);
      if (!found) return sendMissing(reply);
      directory.remove(found.person.id);
      return reply.redirect(personPath(found.person), 303);
    });
    app.post('/directory/people/:person/restore', (request, reply) => {
      const gone = removed(request);
      if (!gone) return sendMissing(reply);
      const problems = problemsOf(z.unknown(), undefined, () => directory.restore(gone.person.id));
      if (problems) return sendPage(reply.code(400), removedPage(gone, [...problems.values()].join(' ')));
      return reply.redirect(personPath(gone.person), 303);
    });

    app.get('/directory/:tenant/people', (request, reply) => {
      const tenant = tenantOf(request);
      return sendPage(reply, tenant && newPersonPage(tenant));
    });
    app.post('/directory/:tenant/people', (request, reply) => {
      const tenant = tenantOf(request);
      if (!tenant) return sendMissing(reply);
      const fields = readFields(request.body);
      let path = '/directory';
      const problems = problemsOf(newPersonSchema, newcomerOf(fields), (somebody) => {
        path = `${personPath(directory.add(tenant.id, somebody))}?saved=yes`;
      });
      if (problems) return sendPage(reply.code(400), newPersonPage(tenant, { fields, problems }));
      return reply.redirect(path, 303);
    });

    app.get('/directory/:tenant/consent', (request, reply) => {
      const tenant = tenantOf(request);
      return sendPage(reply, tenant && consentPage(tenant, consents, { saved: isSaved(request) }));
    });
    app.post('/directory/:tenant/consent', (request, reply) => {
      const tenant = tenantOf(request);
      if (!tenant) return sendMissing(reply);
      const fields = readFields(request.body);
      const problem = setConsent(tenant, consents, fields);
      if (problem !== undefined) {
        return sendPage(reply.code(400), consentPage(tenant, consents, { refused: { fields, problem } }));
      }
      return reply.redirect(`${consentPath(tenant)}?saved=yes`, 303);
    });
    app.post('/directory/:tenant/revoke-consent', (request, reply) => {
      const tenant = tenantOf(request);
      if (!tenant) return sendMissing(reply);
      consents.revoke(tenant.id);
      consents.limitMailboxes(tenant.id, undefined);
      return reply.redirect('/directory', 303);
    });
  };
}

/** Does it, or gives the sentences that say what is wrong, by field of the form. */
function problemsOf<T extends z.ZodType>(
  schema: T,
  value: unknown,
  act: (value: z.infer<T>) => unknown,
): ReadonlyMap<string, string> | undefined {
  const tried = attempt(schema, value, act);
  if ('done' in tried) return undefined;
  const { refused } = tried;
  return refused instanceof DirectoryRefusal
    ? new Map([[fieldOf(refused.property), refused.message]])
    : new Map(refused.issues.map((one) => [fieldOf(String(one.path[0] ?? '')), one.message]));
}

function isSaved(request: FastifyRequest): boolean {
  return readFields(request.query).saved !== undefined;
}
