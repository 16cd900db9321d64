/** `/telemessage`: accounts, conditions, phones and what they attached. */
import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import { accountStates } from '../telemessage/accounts.ts';
import { deviceDesk } from '../telemessage/devices.ts';
import { connectorStatuses } from '../telemessage/registrations.ts';
import { type TelemessageSite, telemessageSite } from '../telemessage/site.ts';
import { tenants as world } from '../world/tenants.ts';
import { asksDownload, sendAttachment, sendMalformed, sendMissing, sendPage } from './answer.ts';
import { chosenKind, orderedKinds } from './archivers.ts';
import { readConditionsForm } from './conditions-form.ts';
import { readFields } from './forms.ts';
import { phonePage, type ShownPhone } from './phone-page.ts';
import { telemessagePage } from './telemessage-page.ts';

const usernameSchema = z.object({ username: z.string() });
const accountSchema = usernameSchema.extend({ state: z.enum(accountStates) });
const connectorSchema = z.object({ status: z.enum(connectorStatuses) });
const connectorPart = z.object({ id: z.string() });
const phoneSchema = z.object({ mobile: z.string(), attachment: z.string().default('') });

export function telemessagePages(parts: SandboxParts): FastifyPluginAsync {
  return async (app) => {
    const site = await telemessageSite(parts);
    const devices = deviceDesk(site);
    const shown = { site, devices, itemsPerDay: parts.settings.itemsPerDay };

    app.get('/telemessage', async (request, reply) => {
      const { kind } = readFields(request.query);
      const isSold = site.tenants.some((tenant) => chosenKind(site, tenant, kind) !== undefined);
      return sendPage(reply, isSold ? await telemessagePage(shown, { kind }) : undefined);
    });
    app.post('/telemessage/conditions', async (request, reply) => {
      const read = readConditionsForm(readFields(request.body));
      if ('entered' in read) {
        return sendPage(reply.code(400), await telemessagePage(shown, { refused: read.entered }));
      }
      site.conditions.change(read.conditions);
      return reply.redirect('/telemessage#conditions', 303);
    });
    app.post('/telemessage/reset', (_request, reply) => {
      site.reset();
      return reply.redirect('/telemessage#conditions', 303);
    });
    app.post('/telemessage/accounts', (request, reply) => {
      const sent = accountSchema.safeParse(readFields(request.body)).data;
      if (sent === undefined) return sendMalformed(reply);
      if (!site.accounts.change(sent.username, { state: sent.state })) return sendMissing(reply);
      return reply.redirect('/telemessage', 303);
    });
    app.post('/telemessage/unlock', (request, reply) => {
      const sent = usernameSchema.safeParse(readFields(request.body)).data;
      if (sent === undefined) return sendMalformed(reply);
      if (site.accounts.find(sent.username) === undefined) return sendMissing(reply);
      site.signIn.unlock(sent.username);
      return reply.redirect('/telemessage', 303);
    });
    app.post('/telemessage/connectors/:id', (request, reply) => {
      const sent = connectorSchema.safeParse(readFields(request.body)).data;
      if (sent === undefined) return sendMalformed(reply);
      const { id } = connectorPart.parse(request.params);
      if (site.registrations.setStatus(id, sent.status) === undefined) return sendMissing(reply);
      return reply.redirect('/telemessage#connectors', 303);
    });

    app.get('/telemessage/phones/:mobile', async (request, reply) => {
      const phone = phoneOf(site, request);
      return sendPage(reply, phone && (await phonePage(devices, phone)));
    });
    app.get('/telemessage/phones/:mobile/attachments/:attachment', async (request, reply) => {
      const phone = phoneOf(site, request);
      await site.readyToWalk();
      const { attachment } = phoneSchema.parse(request.params);
      const found = phone && site.phones(phone.tenant.id, phone.kind)?.attachment(attachment);
      if (found == null || found.archivedAt > site.now()) return sendMissing(reply);
      const { entry, content } = found;
      void reply.header('content-length', content.size);
      return sendAttachment(reply, entry, Readable.from(content.read(0, content.size)), asksDownload(request.query));
    });
  };
}

/** The phone of a request, under the archiver that it asks for; undefined where there is none. */
function phoneOf(site: TelemessageSite, request: FastifyRequest): ShownPhone | undefined {
  const { mobile } = phoneSchema.parse(request.params);
  // a number that its owner gave up has spoken all the same
  for (const tenant of [...site.tenants, ...world]) {
    const person = tenant.people.find((one) => one.mobile === mobile);
    const kind = chosenKind(site, tenant, readFields(request.query).kind);
    if (person === undefined) continue;
    return kind === undefined ? undefined : { tenant, person, mobile, kind, kinds: orderedKinds(site, tenant) };
  }
  return undefined;
}
