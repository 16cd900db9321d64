/** `/users/{id}/mailFolders` and what lies under it. */
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import { folderFromInput, newNameFromInput } from './folder-input.ts';
import { parseFolderId } from './ids.ts';
import { folderJson, type Json, selected } from './json.ts';
import { pageLink } from './links.ts';
import { folderEntity } from './mail-entities.ts';
import { RECOVERABLE, ROOT, wellKnownFolders } from './mailbox-schema.ts';
import { page } from './odata/collection.ts';
import { checkOptions } from './odata/entity.ts';
import { type QueryOptions, queryOptions } from './odata/query.ts';
import type { GraphRequest, GraphResponse } from './request.ts';
import type { FolderRow } from './rows.ts';

/** Names that Graph documents; not every mailbox has a folder for each. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  ROOT,
  RECOVERABLE,
  ...wellKnownFolders.map(([name]) => name),
  'clutter',
  'conflicts',
  'localfailures',
  'scheduled',
  'searchfolders',
  'serverfailures',
  'syncissues',
]);

/** Room for a folder's children in one page. */
const MAX_TOP = 1_000;
const PAGE = 10;

/**
 * A folder by id or well-known name.
 * @throws {GraphError} 400 when the id is malformed, 404 when there is no such folder in this mailbox
 */
export function findFolder(context: GraphContext, mailbox: number, id: string): FolderRow {
  if (WELL_KNOWN.has(id.toLowerCase())) {
    const folder = context.store.wellKnownFolder(mailbox, id);
    if (folder) return folder;
    throw errors.itemNotFound();
  }
  const seq = parseFolderId(id);
  if (seq === undefined) throw errors.malformedId();
  const folder = context.store.folder(mailbox, seq);
  if (folder) return folder;
  throw context.store.exists('folder', seq) ? errors.otherMailbox(id) : errors.itemNotFound();
}

export const listFolders: Handler = (context, request, [user = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return listChildren(context, request, mailbox, findFolder(context, mailbox, ROOT));
};

export const listChildFolders: Handler = (context, request, [user = '', parent = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  return listChildren(context, request, mailbox, findFolder(context, mailbox, parent));
};

export const getFolder: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const options = folderOptions(request);
  return folderAnswer(context, 200, user, answered(context, mailbox, findFolder(context, mailbox, id), options));
};

export const createFolder: Handler = (context, request, [user = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  return createIn(context, request, user, mailbox, findFolder(context, mailbox, ROOT));
};

export const createChildFolder: Handler = (context, request, [user = '', parent = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  return createIn(context, request, user, mailbox, findFolder(context, mailbox, parent));
};

export const renameFolder: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  const folder = findFolder(context, mailbox, id);
  refuseWellKnown(folder);
  const displayName = newNameFromInput(request.body);
  const clash = folder.displayName.toLowerCase() !== displayName.toLowerCase();
  if (clash && context.store.hasChildNamed(mailbox, folder.parent ?? 0, displayName)) throw errors.folderExists();
  context.store.renameFolder(folder.seq, displayName);
  return folderAnswer(context, 200, user, shown(context, findFolder(context, mailbox, id)));
};

/**
 * A deleted folder goes to Deleted Items, with what is in it. From there it goes for good: its messages to the
 * recoverable items.
 */
export const deleteFolder: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const folder = findFolder(context, mailbox, id);
  refuseWellKnown(folder);
  const deleted = findFolder(context, mailbox, 'deleteditems');
  if (liesIn(context, mailbox, folder, deleted)) {
    const recoverable = findFolder(context, mailbox, RECOVERABLE);
    context.store.removeFolder(mailbox, folder.seq, recoverable.seq, context.clock().getTime());
    return { status: 204 };
  }
  if (context.store.hasChildNamed(mailbox, deleted.seq, folder.displayName)) {
    context.store.renameFolder(folder.seq, `${folder.displayName} (${folder.seq})`);
  }
  context.store.moveFolder(folder.seq, deleted.seq);
  return { status: 204 };
};

function liesIn(context: GraphContext, mailbox: number, folder: FolderRow, ancestor: FolderRow): boolean {
  if (folder.parent === null) return false;
  if (folder.parent === ancestor.seq) return true;
  const parent = context.store.folder(mailbox, folder.parent);
  return parent !== undefined && liesIn(context, mailbox, parent, ancestor);
}

function shown(context: GraphContext, folder: FolderRow): Json {
  return folderJson(folder, context.store.folderCounts(folder.seq));
}

function folderOptions(request: GraphRequest): QueryOptions {
  const options = queryOptions(request.query, { maxTop: MAX_TOP });
  checkOptions(options, folderEntity);
  return options;
}

/** A folder as an answer shows it, with its children where `$expand` asks for them. */
function answered(context: GraphContext, mailbox: number, folder: FolderRow, options: QueryOptions): Json {
  const children = options.expand.find(({ name }) => name === 'childFolders');
  return {
    ...selected(shown(context, folder), options.select),
    ...(children && {
      childFolders: context.store
        .childFolders(mailbox, folder.seq)
        .map((child) => selected(shown(context, child), children.select)),
    }),
  };
}

function listChildren(context: GraphContext, request: GraphRequest, mailbox: number, parent: FolderRow): GraphResponse {
  const options = folderOptions(request);
  const hidden = request.query.get('includeHiddenFolders')?.toLowerCase() === 'true';
  const folders = context.store
    .childFolders(mailbox, parent.seq, hidden)
    .map((folder) => ({ ...shown(context, folder), row: folder }));
  const { items, total, next } = page(folders, options, PAGE);
  return {
    status: 200,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#mailFolders`,
      ...(options.count && { '@odata.count': total }),
      value: items.map(({ row }) => answered(context, mailbox, row, options)),
      ...(next !== undefined && { '@odata.nextLink': pageLink(context, request, next) }),
    },
  };
}

function createIn(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  mailbox: number,
  parent: FolderRow,
): GraphResponse {
  const { displayName, isHidden } = folderFromInput(request.body);
  if (context.store.hasChildNamed(mailbox, parent.seq, displayName)) throw errors.folderExists();
  const seq = context.store.createFolder(mailbox, parent.seq, displayName, null, isHidden);
  const created = context.store.folder(mailbox, seq);
  if (!created) throw errors.itemNotFound();
  return folderAnswer(context, 201, user, shown(context, created));
}

function refuseWellKnown(folder: FolderRow): void {
  if (folder.wellKnown) {
    throw new GraphError(400, 'ErrorDeleteDistinguishedFolder', 'Distinguished folders cannot be changed or deleted.');
  }
}

function folderAnswer(context: GraphContext, status: number, user: string, folder: Json): GraphResponse {
  const entity = `${context.baseUrl()}/v1.0/$metadata#users('${encodeURIComponent(user)}')/mailFolders/$entity`;
  return { status, body: { '@odata.context': entity, ...folder } };
}
