/** Control API for what a mailbox owner does with a message: move it, delete it as in Outlook, purge it. */
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { MailboxReader } from '../graph/views.ts';
import type { Directory } from '../world/directory.ts';

/** a folder by id, well-known name or display name */
const moveSchema = z.strictObject({ folder: z.string('A folder is missing.') });

interface MessageParams {
  /** the owner by object id, user principal name or address; the message by Graph's id */
  Params: { person: string; message: string };
}

const PATH = '/mailboxes/:person/messages/:message';

export function messageRoutes(directory: Directory, mailboxes: MailboxReader): FastifyPluginAsync {
  const ownerOf = ({ person, message }: MessageParams['Params']): string | undefined => {
    const owner = directory.find(person)?.person.id;
    return owner !== undefined && mailboxes.message(owner, message) ? owner : undefined;
  };
  return async (server) => {
    server.post<MessageParams>(`${PATH}/move`, async (request, reply) => {
      const owner = ownerOf(request.params);
      if (owner === undefined) return nothing(reply);
      const parsed = moveSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
      const wanted = parsed.data.folder;
      const folders = mailboxes.folders(owner);
      const folder =
        folders.find((one) => one.id === wanted || one.wellKnownName === wanted.toLowerCase()) ??
        folders.find((one) => one.displayName === wanted);
      if (!folder) return reply.code(400).send({ error: `The mailbox has no folder ${wanted}.` });
      mailboxes.moveMessage(owner, request.params.message, folder.id);
      return reply.code(204).send();
    });
    server.post<MessageParams>(`${PATH}/delete`, async (request, reply) => {
      const owner = ownerOf(request.params);
      if (owner === undefined) return nothing(reply);
      if (mailboxes.deleteMessage(owner, request.params.message)) return reply.code(204).send();
      return reply.code(409).send({ error: 'The message is in the recoverable items already: purge it.' });
    });
    server.post<MessageParams>(`${PATH}/purge`, async (request, reply) => {
      const owner = ownerOf(request.params);
      if (owner === undefined) return nothing(reply);
      if (mailboxes.purgeMessage(owner, request.params.message)) return reply.code(204).send();
      return reply.code(409).send({ error: 'Only what is in the recoverable items can be purged: delete it first.' });
    });
  };
}

function nothing(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'There is no such mailbox, or no such message in it.' });
}
