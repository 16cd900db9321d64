/** `/mailboxes`: what lies in them, and what their owners do with it. */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import type { Person } from '../world/people.ts';
import { asksDownload, BODY_POLICY, sendAttachment, sendMissing, sendPage } from './answer.ts';
import { readFields } from './forms.ts';
import { folderPath, mailboxPage, messagePath } from './mailbox-page.ts';
import { mailboxesPage } from './mailboxes-page.ts';
import { bodyDocument, messagePage } from './message-page.ts';

const mailboxQuery = z.object({
  folder: z.string().optional(),
  page: z.coerce.number().int().min(1).catch(1).default(1),
});
const mailboxPart = z.object({ mailbox: z.string() });
const messagePart = mailboxPart.extend({ message: z.string() });
const attachmentPart = messagePart.extend({ attachment: z.string() });

export function mailboxPages({ mailboxes, tenants }: Pick<SandboxParts, 'mailboxes' | 'tenants'>): FastifyPluginAsync {
  const personOf = (request: FastifyRequest): Person | undefined => {
    const wanted = mailboxPart.safeParse(request.params).data?.mailbox.toLowerCase();
    const people = tenants.flatMap((tenant) => tenant.people);
    return people.find((one) => one.id === wanted || one.userPrincipalName.toLowerCase() === wanted);
  };

  return async (app) => {
    app.get('/mailboxes', (_request, reply) => sendPage(reply, mailboxesPage(mailboxes, tenants)));
    app.get('/mailboxes/:mailbox', (request, reply) => {
      const person = personOf(request);
      const { folder, page: number } = mailboxQuery.parse(readFields(request.query));
      return person === undefined
        ? sendMissing(reply)
        : sendPage(reply, mailboxPage(mailboxes, person, { folder, page: number }));
    });
    app.get('/mailboxes/:mailbox/messages/:message', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      return sendPage(reply, person === undefined || id === undefined ? undefined : messagePage(mailboxes, person, id));
    });
    app.get('/mailboxes/:mailbox/messages/:message/body', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      const text = person === undefined || id === undefined ? undefined : bodyDocument(mailboxes, person, id);
      return sendPage(reply, text, BODY_POLICY);
    });
    app.get('/mailboxes/:mailbox/messages/:message/attachments/:attachment', (request, reply) => {
      const [person, ids] = [personOf(request), attachmentPart.safeParse(request.params).data];
      if (person === undefined || ids === undefined) return sendMissing(reply);
      const entry = mailboxes.attachments(person.id, ids.message).find((one) => one.id === ids.attachment);
      const content = mailboxes.attachmentContent(person.id, ids.message, ids.attachment);
      if (entry === undefined || content === undefined) return sendMissing(reply);
      return sendAttachment(reply, entry, Buffer.from(content), asksDownload(request.query));
    });
    app.post('/mailboxes/:mailbox/messages/:message/move', (request, reply) => {
      const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
      const folder = readFields(request.body).folder;
      if (person === undefined || id === undefined || folder === undefined) return sendMissing(reply);
      if (!mailboxes.moveMessage(person.id, id, folder)) return sendMissing(reply);
      return reply.redirect(messagePath(person, id), 303);
    });
    for (const [name, end] of [
      ['delete', mailboxes.deleteMessage],
      ['purge', mailboxes.purgeMessage],
    ] as const) {
      app.post(`/mailboxes/:mailbox/messages/:message/${name}`, (request, reply) => {
        const [person, id] = [personOf(request), messagePart.safeParse(request.params).data?.message];
        const message = person === undefined || id === undefined ? undefined : mailboxes.message(person.id, id);
        if (person === undefined || message === undefined || !end(person.id, message.id)) return sendMissing(reply);
        return reply.redirect(folderPath(person, { id: message.folderId }, 1), 303);
      });
    }
  };
}
