/** One message: made, read, changed, moved and deleted. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findByAddress } from '../world/tenants.ts';
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors } from './errors.ts';
import { findMessage } from './find-message.ts';
import { findFolder } from './folders.ts';
import { RECOVERABLE } from './mailbox-schema.ts';
import { messageFromInput } from './message-input.ts';
import { messageOptions } from './message-options.ts';
import { patched } from './message-patch.ts';
import { messageBytes } from './message-size.ts';
import { shown } from './message-view.ts';
import { messageFromMime } from './mime-message.ts';
import type { QueryOptions } from './odata/query.ts';
import { appliedPreferences, type GraphRequest, type GraphResponse } from './request.ts';
import { MimeContent } from './request-body.ts';
import type { MessageRow } from './rows.ts';

/** Exchange takes the name of a parameter in any case; its metadata says `DestinationId`. */
const moveSchema = z.union([
  z.object({ DestinationId: z.string() }).transform(({ DestinationId }) => DestinationId),
  z.object({ destinationId: z.string() }).transform(({ destinationId }) => destinationId),
]);

export const createDraft: Handler = (context, request, [user = '']) => create(context, request, user, 'drafts');

export const createMessage: Handler = (context, request, [user = '', folder = '']) =>
  create(context, request, user, folder);

export const getMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return answer(context, request, 200, findMessage(context, mailbox, id), messageOptions(request));
};

export const getFolderMessage: Handler = (context, request, [user = '', folder = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  if (row.folder !== findFolder(context, mailbox, folder).seq) throw errors.itemNotFound();
  return answer(context, request, 200, row, messageOptions(request));
};

export const updateMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, messageBytes } = openForWriting(context, request.caller, user);
  const options = messageOptions(request);
  const row = findMessage(context, mailbox, id);
  const { tenant } = request.caller;
  const directory = (address: string) => findByAddress(tenant, address);
  const change = patched(row, request.body, directory, context.clock().getTime());
  if (change.size > messageBytes) throw errors.messageTooLarge();
  context.store.messages.update(mailbox, row.seq, change);
  return answer(context, request, 200, findMessage(context, mailbox, id), options);
};

/** A deleted message goes to the recoverable items, where no list of the mailbox shows it. */
export const deleteMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const recoverable = findFolder(context, mailbox, RECOVERABLE);
  context.store.messages.move(row.seq, recoverable.seq, context.clock().getTime());
  return { status: 204 };
};

export const moveMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  const options = messageOptions(request);
  const row = findMessage(context, mailbox, id);
  const parsed = moveSchema.safeParse(request.body);
  if (!parsed.success) throw errors.requestBody("The parameter 'DestinationId' is required.");
  const destination = findFolder(context, mailbox, parsed.data);
  context.store.messages.move(row.seq, destination.seq, context.clock().getTime());
  const moved = context.store.messages.find(mailbox, row.seq);
  if (!moved) throw errors.itemNotFound();
  return answer(context, request, 201, moved, options);
};

async function create(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  folder: string,
): Promise<GraphResponse> {
  const { mailbox, messageBytes: largest } = openForWriting(context, request.caller, user);
  // before anything is written: who is refused has written nothing
  const options = messageOptions(request);
  const { tenant } = request.caller;
  const around = {
    mailbox,
    folder: findFolder(context, mailbox, folder).seq,
    now: context.clock().getTime(),
    directory: (address: string) => findByAddress(tenant, address),
    newInternetMessageId: () => `<${randomUUID()}@mail.${tenant.domains[0] ?? 'example'}>`,
  };
  const { body } = request;
  const message = body instanceof MimeContent ? await messageFromMime(body, around) : messageFromInput(body, around);
  const size = messageBytes(message);
  if (size > largest) throw errors.messageTooLarge();
  return answer(context, request, 201, context.store.messages.create(message, size), options);
}

function answer(
  context: GraphContext,
  request: GraphRequest,
  status: number,
  row: MessageRow,
  options: QueryOptions,
): GraphResponse {
  const entity = `${context.baseUrl()}/v1.0/$metadata#messages/$entity`;
  return {
    status,
    headers: appliedPreferences(request),
    body: shown(context, request, row, options, entity),
  };
}
