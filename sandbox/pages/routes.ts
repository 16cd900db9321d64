/**
 * The pages of the sandbox: what a person looks at to see what the portal did, and where faults are set. Made on the
 * server, without script; the content security policy allows none.
 */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import { isForeign } from '../listeners.ts';
import { telemessageSite } from '../telemessage/site.ts';
import type { Person } from '../world/people.ts';
import { tenants as world } from '../world/tenants.ts';
import { missing, send } from './answer.ts';
import { directoryPages } from './directory-routes.ts';
import { faultFromForm, faultsPage } from './faults-page.ts';
import { homePage } from './home-page.ts';
import { folderPath, mailboxPage, messagePath } from './mailbox-page.ts';
import { mailboxesPage } from './mailboxes-page.ts';
import { bodyDocument, messagePage, shownInline } from './message-page.ts';
import { phonePage } from './phone-page.ts';
import { stylesheet } from './style.ts';
import { shownKind, telemessagePage } from './telemessage-page.ts';

/** a message can say anything: no script, no form, no address but our own images */
const BODY_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'self'";

const mailboxQuery = z.object({
  folder: z.string().optional(),
  page: z.coerce.number().int().min(1).catch(1).default(1),
});
const mailboxPart = z.object({ mailbox: z.string() });
const messagePart = mailboxPart.extend({ message: z.string() });
const attachmentPart = messagePart.extend({ attachment: z.string() });

export function pageRoutes(parts: SandboxParts): FastifyPluginAsync {
  const { mailboxes, tenants, faults, settings } = parts;

  const personOf = (request: FastifyRequest): Person | undefined => {
    const wanted = mailboxPart.safeParse(request.params).data?.mailbox.toLowerCase();
    const people = tenants.flatMap((tenant) => tenant.people);
    return people.find((one) => one.id === wanted || one.userPrincipalName.toLowerCase() === wanted);
  };

  return async (app) => {
    const site = await telemessageSite(parts);

    if (!app.hasContentTypeParser('application/x-www-form-urlencoded')) {
      app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
        done(null, Object.fromEntries(new URLSearchParams(String(body))));
      });
    }
    app.addHook('onRequest', async (request, reply) => {
      if (request.method === 'POST' && isForeign(request)) {
        return reply.code(403).type('text/plain').send('This form must be sent from the sandbox itself.');
      }
      return undefined;
    });

    app.get('/style.css', (_request, reply) =>
      reply.type('text/css').header('cache-control', 'no-cache').send(stylesheet),
    );
    app.get('/', (_request, reply) => send(reply, homePage(parts)));
    await app.register(directoryPages(parts));

    app.get('/mailboxes', (_request, reply) => send(reply, mailboxesPage(mailboxes, tenants)));
    app.get('/mailboxes/:mailbox', (request, reply) => {
      const person = personOf(request);
      const { folder, page: number } = mailboxQuery.parse(request.query);
      return person === undefined
        ? missing(reply)
        : send(reply, mailboxPage(mailboxes, person, { folder, page: number }));
    });
    app.get('/mailboxes/:mailbox/messages/:message', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      return send(reply, person === undefined || id === undefined ? undefined : messagePage(mailboxes, person, id));
    });
    app.get('/mailboxes/:mailbox/messages/:message/body', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      const text = person === undefined || id === undefined ? undefined : bodyDocument(mailboxes, person, id);
      return send(reply, text, BODY_POLICY);
    });
    app.get('/mailboxes/:mailbox/messages/:message/attachments/:attachment', (request, reply) => {
      const [person, ids] = [personOf(request), attachmentPart.safeParse(request.params).data];
      if (person === undefined || ids === undefined) return missing(reply);
      const entry = mailboxes.attachments(person.id, ids.message).find((one) => one.id === ids.attachment);
      const content = mailboxes.attachmentContent(person.id, ids.message, ids.attachment);
      if (entry === undefined || content === undefined) return missing(reply);
      const inline = shownInline(entry.contentType) !== null && !hasKey(request.query, 'download');
      return reply
        .type(inline ? entry.contentType : 'application/octet-stream')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "sandbox; default-src 'none'")
        .header(
          'content-disposition',
          inline ? 'inline' : `attachment; filename*=UTF-8''${encodeURIComponent(entry.name)}`,
        )
        .send(Buffer.from(content));
    });
    app.post('/mailboxes/:mailbox/messages/:message/move', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      const folder = z.object({ folder: z.string() }).safeParse(request.body).data?.folder;
      if (person === undefined || id === undefined || folder === undefined) return missing(reply);
      if (!mailboxes.moveMessage(person.id, id, folder)) return missing(reply);
      return reply.redirect(messagePath(person, id), 303);
    });
    for (const [name, end] of [
      ['delete', mailboxes.deleteMessage],
      ['purge', mailboxes.purgeMessage],
    ] as const) {
      app.post(`/mailboxes/:mailbox/messages/:message/${name}`, (request, reply) => {
        const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
        const message = person === undefined || id === undefined ? undefined : mailboxes.message(person.id, id);
        if (person === undefined || message === undefined || !end(person.id, message.id)) return missing(reply);
        return reply.redirect(folderPath(person, { id: message.folderId }, 1), 303);
      });
    }

    app.get('/telemessage', (_request, reply) => send(reply, telemessagePage(site, settings.itemsPerDay)));
    app.post('/telemessage/unlock', (request, reply) => {
      const username = z.object({ username: z.string() }).safeParse(request.body).data?.username;
      if (username !== undefined) site.signIn.unlock(username);
      return reply.redirect('/telemessage', 303);
    });
    app.get('/telemessage/phones/:mobile', (request, reply) => {
      const mobile = z.object({ mobile: z.string() }).safeParse(request.params).data?.mobile;
      const kind = z.object({ kind: z.string().default(shownKind) }).safeParse(request.query).data?.kind ?? shownKind;
      // a number that its owner gave up has spoken all the same
      const found = [...site.tenants, ...world]
        .flatMap((tenant) => tenant.people.map((person) => [tenant, person] as const))
        .find(([, one]) => one.mobile === mobile);
      return found === undefined || mobile === undefined
        ? missing(reply)
        : send(reply, phonePage(site, ...found, mobile, kind));
    });

    app.get('/faults', (_request, reply) => send(reply, faultsPage(faults.rules())));
    app.post('/faults', (request, reply) => {
      const rule = faultFromForm(z.record(z.string(), z.string()).safeParse(request.body).data ?? {});
      if (rule === null) {
        return send(
          reply.code(400),
          faultsPage(faults.rules(), 'This is not a fault. Check the numbers and try again.'),
        );
      }
      faults.add(rule);
      return reply.redirect('/faults', 303);
    });
    app.post('/faults/clear', (_request, reply) => {
      faults.clear();
      return reply.redirect('/faults', 303);
    });
    app.post('/faults/:id/remove', (request, reply) => {
      faults.remove(z.object({ id: z.string() }).safeParse(request.params).data?.id ?? '');
      return reply.redirect('/faults', 303);
    });
  };
}

function hasKey(query: unknown, key: string): boolean {
  return typeof query === 'object' && query !== null && key in query;
}
