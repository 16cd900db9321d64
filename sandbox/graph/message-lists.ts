/** Messages of a folder and of a mailbox: filtered, sorted, counted and in pages. */
import { openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { findFolder } from './folders.ts';
import { foundMessages } from './found-messages.ts';
import { pageLink } from './links.ts';
import { listOptions } from './message-options.ts';
import { isNewestFirst } from './message-order.ts';
import { readsBody, searchFor } from './message-search.ts';
import type { MessageSearch } from './message-store.ts';
import { shown } from './message-view.ts';
import type { QueryOptions } from './odata/query.ts';
import { appliedPreferences, type GraphRequest, type GraphResponse } from './request.ts';
import type { MessageRow } from './rows.ts';

const PAGE = 10;

export const listMailboxMessages: Handler = (context, request, [user = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return list(context, request, mailbox, undefined);
};

export const listFolderMessages: Handler = (context, request, [user = '', folder = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return list(context, request, mailbox, findFolder(context, mailbox, folder).seq);
};

function list(
  context: GraphContext,
  request: GraphRequest,
  mailbox: number,
  folder: number | undefined,
): GraphResponse {
  const options = listOptions(request);
  const top = options.top ?? PAGE;
  const { rows, more, total } = pageOf(context, mailbox, folder, options, top);
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

interface MessagePage {
  readonly rows: readonly MessageRow[];
  readonly more: boolean;
  /** asked only where the client wants `$count` */
  readonly total: () => number;
}

function pageOf(
  context: GraphContext,
  mailbox: number,
  folder: number | undefined,
  options: QueryOptions,
  top: number,
): MessagePage {
  const { filter, orderBy, skip } = options;
  const { messages } = context.store;
  if (!filter && isNewestFirst(orderBy)) {
    const rows = messages.page(mailbox, folder, { skip, top: top + 1 });
    return { rows: rows.slice(0, top), more: rows.length > top, total: () => messages.count(mailbox, folder) };
  }
  const search: MessageSearch = filter ? searchFor(filter) : { by: 'everything' };
  const body = filter && readsBody(filter) ? 'with body' : 'without body';
  const { seqs, more, total } = foundMessages(messages.search(mailbox, folder, search, body), options, top);
  const rows = seqs.map((seq) => messages.find(mailbox, seq)).filter((row) => row !== undefined);
  return { rows, more, total: () => total };
}
