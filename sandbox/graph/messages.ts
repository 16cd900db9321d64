/** Messages of a folder and of a mailbox. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findByAddress } from '../world/tenants.ts';
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import { findFolder, pageLink } from './folders.ts';
import { parseMessageId } from './ids.ts';
import { attachmentJson, extendedProperties, type Json, messageJson, selected } from './json.ts';
import { RECOVERABLE } from './mailbox-schema.ts';
import { messageFromInput, patchFromInput } from './message-input.ts';
import { messageSatisfies, propertiesAskedFor, searchFor } from './message-search.ts';
import { type QueryOptions, queryOptions } from './odata/query.ts';
import { appliedPreferences, type GraphRequest, type GraphResponse, wantsImmutableIds } from './request.ts';
import type { MessageRow } from './rows.ts';

const MAX_TOP = 1_000;
const PAGE = 10;

/** Exchange takes the name of a parameter in any case; its metadata says `DestinationId`. */
const moveSchema = z.union([
  z.object({ DestinationId: z.string() }).transform(({ DestinationId }) => DestinationId),
  z.object({ destinationId: z.string() }).transform(({ destinationId }) => destinationId),
]);

/**
 * A message by immutable or regular id.
 * @throws {GraphError} 400 when the id is malformed, 404 when the mailbox holds no such message, or not there any more
 */
export function findMessage(context: GraphContext, mailbox: number, id: string): MessageRow {
  const key = parseMessageId(id);
  if (!key) throw errors.malformedId();
  const row = context.store.message(mailbox, key.message);
  if (!row || (key.folder !== undefined && key.folder !== row.folder)) throw errors.itemNotFound();
  return row;
}

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
  const { mailbox } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const patch = patchFromInput(request.body);
  const properties = new Map(row.fields.properties.map((property) => [property.id, property.value]));
  for (const property of patch.singleValueExtendedProperties ?? []) properties.set(property.id, property.value);
  context.store.updateMessage(row.seq, {
    isRead: patch.isRead ?? row.isRead,
    modified: context.clock().getTime(),
    fields: {
      ...row.fields,
      categories: patch.categories ?? row.fields.categories,
      importance: patch.importance ?? row.fields.importance,
      properties: [...properties].map(([property, value]) => ({ id: property, value })),
    },
  });
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

function create(context: GraphContext, request: GraphRequest, user: string, folder: string): GraphResponse {
  const { mailbox, messageBytes } = openForWriting(context, request.caller, user);
  const { tenant } = request.caller;
  const message = messageFromInput(request.body, {
    mailbox,
    folder: findFolder(context, mailbox, folder).seq,
    now: context.clock().getTime(),
    directory: (address) => findByAddress(tenant, address),
    newInternetMessageId: () => `<${randomUUID()}@mail.${tenant.domains[0] ?? 'example'}>`,
  });
  const bytes = message.attachments.reduce((sum, one) => sum + one.content.length, Buffer.byteLength(message.body));
  if (bytes > messageBytes) throw errors.messageTooLarge();
  const seq = context.store.createMessage(message);
  const row = context.store.message(mailbox, seq);
  if (!row) throw errors.itemNotFound();
  return answer(context, request, 201, row);
}

function list(
  context: GraphContext,
  request: GraphRequest,
  mailbox: number,
  folder: number | undefined,
): GraphResponse {
  const options = queryOptions(request.query, { maxTop: MAX_TOP });
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

const SORT_KEYS: Readonly<Record<string, (row: MessageRow) => string | number>> = {
  receivedDateTime: (row) => row.received,
  sentDateTime: (row) => row.sent,
  createdDateTime: (row) => row.created,
  lastModifiedDateTime: (row) => row.modified,
  subject: (row) => row.fields.subject.toLowerCase(),
  'from/emailAddress/address': (row) => row.fields.from?.address.toLowerCase() ?? '',
  'from/emailAddress/name': (row) => row.fields.from?.name.toLowerCase() ?? '',
};

function ordering(orderBy: QueryOptions['orderBy']): (left: MessageRow, right: MessageRow) => number {
  const keys = orderBy.map(({ path, descending }) => {
    const key = SORT_KEYS[path];
    if (!key) throw new GraphError(400, 'ErrorInvalidProperty', `The property '${path}' cannot be used to sort.`);
    return { key, sign: descending ? -1 : 1 };
  });
  return (left, right) => {
    for (const { key, sign } of keys) {
      const [one, other] = [key(left), key(right)];
      if (one !== other) return one < other ? -sign : sign;
    }
    return left.seq - right.seq;
  };
}

function answer(context: GraphContext, request: GraphRequest, status: number, row: MessageRow): GraphResponse {
  const options = queryOptions(request.query, { maxTop: MAX_TOP });
  const entity = `${context.baseUrl()}/v1.0/$metadata#messages/$entity`;
  return {
    status,
    headers: appliedPreferences(request),
    body: { '@odata.context': entity, ...shown(context, request, row, options) },
  };
}

function shown(context: GraphContext, request: GraphRequest, row: MessageRow, options: QueryOptions): Json {
  const json: Record<string, unknown> = {
    ...selected(messageJson(row, { immutableIds: wantsImmutableIds(request) }), options.select),
  };
  for (const expansion of options.expand) {
    if (expansion.name === 'attachments') {
      json.attachments = context.store
        .attachments(row.seq)
        .map((attachment) => selected(attachmentJson(row.seq, attachment, 'with content'), expansion.select));
    } else if (expansion.name === 'singleValueExtendedProperties') {
      if (!expansion.filter) {
        throw new GraphError(
          400,
          'ErrorInvalidUrlQueryFilter',
          'An expansion of extended properties needs a filter by id.',
        );
      }
      const wanted = new Set(propertiesAskedFor(expansion.filter));
      const properties = extendedProperties(row).filter((property) => wanted.has(property.id));
      if (properties.length > 0) json.singleValueExtendedProperties = properties;
    } else {
      throw errors.badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${expansion.name}' on type 'microsoft.graph.message'.`,
      );
    }
  }
  return json;
}
