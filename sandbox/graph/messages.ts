/** Messages of a folder and of a mailbox. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findByAddress } from '../world/tenants.ts';
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors } from './errors.ts';
import { findMessage } from './find-message.ts';
import { findFolder } from './folders.ts';
import { pageLink } from './links.ts';
import { RECOVERABLE } from './mailbox-schema.ts';
import { messageFromInput } from './message-input.ts';
import { listOptions, messageOptions } from './message-options.ts';
import { ordering } from './message-order.ts';
import { patched } from './message-patch.ts';
import { messageSatisfies, searchFor } from './message-search.ts';
import { messageBytes } from './message-size.ts';
import { shown } from './message-view.ts';
import { messageFromMime } from './mime-message.ts';
import type { QueryOptions } from './odata/query.ts';
import { appliedPreferences, type GraphRequest, type GraphResponse } from './request.ts';
import { MimeContent } from './request-body.ts';
import type { MessageRow } from './rows.ts';

const PAGE = 10;

/** Exchange takes the name of a parameter in any case; its metadata says `DestinationId`. */
const moveSchema = z.union([
  z.object({ DestinationId: z.string() }).transform(({ DestinationId }) => DestinationId),
  z.object({ destinationId: z.string() }).transform(({ destinationId }) => destinationId),
]);

export const listMailboxMessages: Handler = (context, request, [user = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return list(context, request, mailbox, undefined);
};

export const listFolderMessages: Handler = (context, request, [user = '', folder = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return list(context, request, mailbox, findFolder(context, mailbox, folder).seq);
};

export const createDraft: Handler = (context, request, [user = '']) => create(context, request, user, 'drafts');

export const createMessage: Handler = (context, request, [user = '', folder = '']) =>
  create(context, request, user, folder);

export const getMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return answer(context, request, 200, findMessage(context, mailbox, id));
};

export const getFolderMessage: Handler = (context, request, [user = '', folder = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  if (row.folder !== findFolder(context, mailbox, folder).seq) throw errors.itemNotFound();
  return answer(context, request, 200, row);
};

export const updateMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, messageBytes } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const { tenant } = request.caller;
  const directory = (address: string) => findByAddress(tenant, address);
  const change = patched(row, request.body, directory, context.clock().getTime());
  if (change.size > messageBytes) throw errors.messageTooLarge();
  context.store.updateMessage(row.seq, change);
  return answer(context, request, 200, findMessage(context, mailbox, id));
};

/** A deleted message goes to the recoverable items, where no list of the mailbox shows it. */
export const deleteMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const recoverable = findFolder(context, mailbox, RECOVERABLE);
  context.store.moveMessage(row.seq, recoverable.seq, context.clock().getTime());
  return { status: 204 };
};

export const moveMessage: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const parsed = moveSchema.safeParse(request.body);
  if (!parsed.success) throw errors.requestBody("The parameter 'DestinationId' is required.");
  const destination = findFolder(context, mailbox, parsed.data);
  context.store.moveMessage(row.seq, destination.seq, context.clock().getTime());
  const moved = context.store.message(mailbox, row.seq);
  if (!moved) throw errors.itemNotFound();
  return answer(context, request, 201, moved);
};

async function create(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  folder: string,
): Promise<GraphResponse> {
  const { mailbox, messageBytes: largest } = openForWriting(context, request.caller, user);
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
  if (messageBytes(message) > largest) throw errors.messageTooLarge();
  return answer(context, request, 201, context.store.createMessage(message));
}

function list(
  context: GraphContext,
  request: GraphRequest,
  mailbox: number,
  folder: number | undefined,
): GraphResponse {
  const options = listOptions(request);
  const top = options.top ?? PAGE;
  const { rows, more, total } = find(context, mailbox, folder, options, top);
  return {
    status: 200,
    headers: appliedPreferences(request),
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#messages`,
      ...(options.count && { '@odata.count': total() }),
      value: rows.map((row) => shown(context, request, row, options)),
      ...(more && { '@odata.nextLink': pageLink(context, request, options.skip + top) }),
    },
  };
}

interface Found {
  readonly rows: readonly MessageRow[];
  readonly more: boolean;
  /** asked only where the client wants `$count` */
  readonly total: () => number;
}

function find(
  context: GraphContext,
  mailbox: number,
  folder: number | undefined,
  options: QueryOptions,
  top: number,
): Found {
  const { filter } = options;
  const newestFirst = options.orderBy.every(({ path, descending }) => path === 'receivedDateTime' && descending);
  if (!filter && newestFirst) {
    const rows = context.store.page(mailbox, folder, { skip: options.skip, top: top + 1 });
    return { rows: rows.slice(0, top), more: rows.length > top, total: () => context.store.count(mailbox, folder) };
  }
  const found: MessageRow[] = [];
  const enough = newestFirst && !options.count ? options.skip + top + 1 : Number.POSITIVE_INFINITY;
  for (const row of context.store.messages(mailbox, folder, filter ? searchFor(filter) : { by: 'everything' })) {
    if (!filter || messageSatisfies(filter, row)) found.push(row);
    if (found.length >= enough) break;
  }
  if (!newestFirst) found.sort(ordering(options.orderBy));
  const end = options.skip + top;
  return { rows: found.slice(options.skip, end), more: found.length > end, total: () => found.length };
}

function answer(context: GraphContext, request: GraphRequest, status: number, row: MessageRow): GraphResponse {
  const options = messageOptions(request);
  const entity = `${context.baseUrl()}/v1.0/$metadata#messages/$entity`;
  return {
    status,
    headers: appliedPreferences(request),
    body: { '@odata.context': entity, ...shown(context, request, row, options) },
  };
}
