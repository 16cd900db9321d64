/** `/telemessage`: accounts, conditions, phones and what they attached. */
import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import { accountStates } from '../telemessage/accounts.ts';
import { type TelemessageSite, telemessageSite } from '../telemessage/site.ts';
import type { Person, Tenant } from '../world/people.ts';
import { tenants as world } from '../world/tenants.ts';
import { asksDownload, sendAttachment, sendMissing, sendPage } from './answer.ts';
import { readConditionsForm } from './conditions-form.ts';
import { phonePage } from './phone-page.ts';
import { shownKind, telemessagePage } from './telemessage-page.ts';

const formSchema = z.record(z.string(), z.string()).catch({});
const accountSchema = z.object({ username: z.string(), state: z.enum(accountStates).optional() });
const phoneSchema = z.object({ mobile: z.string(), attachment: z.string().default('') });
const kindSchema = z.object({ kind: z.string().default(shownKind) }).catch({ kind: shownKind });

export function telemessagePages(parts: SandboxParts): FastifyPluginAsync {
  const { settings } = parts;

  const phoneOf = (
    site: TelemessageSite,
    request: FastifyRequest,
  ): { tenant: Tenant; person: Person; mobile: string; attachment: string; kind: string } | undefined => {
    const { mobile, attachment } = phoneSchema.parse(request.params);
    const { kind } = kindSchema.parse(request.query);
    // a number that its owner gave up has spoken all the same
    for (const tenant of [...site.tenants, ...world]) {
      const person = tenant.people.find((one) => one.mobile === mobile);
      if (person !== undefined) return { tenant, person, mobile, attachment, kind };
    }
    return undefined;
  };

  return async (app) => {
    const site = await telemessageSite(parts);

    app.get('/telemessage', (_request, reply) => sendPage(reply, telemessagePage(site, settings.itemsPerDay)));
    app.post('/telemessage/conditions', (request, reply) => {
      const read = readConditionsForm(formSchema.parse(request.body));
      if ('entered' in read) {
        return sendPage(reply.code(400), telemessagePage(site, settings.itemsPerDay, read.entered));
      }
      site.conditions.change(read.conditions);
      return reply.redirect('/telemessage#conditions', 303);
    });
    app.post('/telemessage/reset', (_request, reply) => {
      site.reset();
      return reply.redirect('/telemessage#conditions', 303);
    });
    app.post('/telemessage/accounts', (request, reply) => {
      const sent = accountSchema.safeParse(request.body).data;
      if (sent !== undefined) site.accounts.change(sent.username, { state: sent.state });
      return reply.redirect('/telemessage', 303);
    });
    app.post('/telemessage/unlock', (request, reply) => {
      const username = accountSchema.safeParse(request.body).data?.username;
      if (username !== undefined) site.signIn.unlock(username);
      return reply.redirect('/telemessage', 303);
    });

    app.get('/telemessage/phones/:mobile', (request, reply) => {
      const phone = phoneOf(site, request);
      return phone === undefined ? sendMissing(reply) : sendPage(reply, phonePage(site, phone));
    });
    app.get('/telemessage/phones/:mobile/attachments/:attachment', (request, reply) => {
      const phone = phoneOf(site, request);
      const found = phone && site.phones(phone.tenant.id, phone.kind)?.attachment(phone.attachment);
      if (found == null || found.archivedAt > site.now()) return sendMissing(reply);
      const { entry, content } = found;
      void reply.header('content-length', content.size);
      return sendAttachment(reply, entry, Readable.from(content.read(0, content.size)), asksDownload(request.query));
    });
  };
}
