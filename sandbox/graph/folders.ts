/** `/users/{id}/mailFolders` and what lies under it. */
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import { folderFromInput, newNameFromInput } from './folder-input.ts';
import { folderNameKey, freeName } from './folder-names.ts';
import { parseFolderId } from './ids.ts';
import { folderJson, type Json, selected } from './json.ts';
import { pageLink } from './links.ts';
import { folderEntity } from './mail-entities.ts';
import { mailOptions } from './mail-options.ts';
import { RECOVERABLE, ROOT, wellKnownFolders } from './mailbox-schema.ts';
import { page } from './odata/collection.ts';
import { checkExpansion } from './odata/entity.ts';
import { plainSubject, satisfies } from './odata/evaluate.ts';
import type { QueryOptions } from './odata/query.ts';
import type { GraphRequest, GraphResponse } from './request.ts';
import type { FolderCounts, FolderRow } from './rows.ts';

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
    const folder = context.store.folders.wellKnown(mailbox, id);
    if (folder) return folder;
    throw errors.itemNotFound();
  }
  const seq = parseFolderId(id);
  if (seq === undefined) throw errors.malformedId();
  const folder = context.store.folders.find(mailbox, seq);
  if (folder) return folder;
  throw context.store.folders.exists(seq) ? errors.otherMailbox(id) : errors.itemNotFound();
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
  const other = folderNameKey(folder.displayName) !== folderNameKey(displayName);
  if (other && context.store.folders.hasChildNamed(mailbox, folder.parent ?? 0, displayName))
    throw errors.folderExists();
  context.store.folders.place(folder.seq, folder.parent, displayName);
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
    context.store.folders.remove(mailbox, folder.seq, recoverable.seq, context.clock().getTime());
    return { status: 204 };
  }
  const name = freeName(folder.displayName, (one) => context.store.folders.hasChildNamed(mailbox, deleted.seq, one));
  context.store.folders.place(folder.seq, deleted.seq, name);
  return { status: 204 };
};

function liesIn(context: GraphContext, mailbox: number, folder: FolderRow, ancestor: FolderRow): boolean {
  if (folder.parent === null) return false;
  if (folder.parent === ancestor.seq) return true;
  const parent = context.store.folders.find(mailbox, folder.parent);
  return parent !== undefined && liesIn(context, mailbox, parent, ancestor);
}

function shown(context: GraphContext, folder: FolderRow): Json {
  let counts: FolderCounts | undefined;
  return folderJson(folder, () => {
    counts ??= context.store.folders.counts(folder.seq);
    return counts;
  });
}

function folderOptions(request: GraphRequest): QueryOptions {
  const options = mailOptions(request, folderEntity, MAX_TOP);
  for (const expansion of options.expand) {
    if (expansion.name !== 'childFolders') {
      throw errors.badRequest(`The sandbox does not expand '${expansion.name}' of folders.`);
    }
    checkExpansion(expansion, folderEntity);
  }
  return options;
}

/** A folder as an answer shows it, with its children where `$expand` asks for them. */
function answered(context: GraphContext, mailbox: number, folder: FolderRow, options: QueryOptions): Json {
  const [children] = options.expand;
  return {
    ...selected(shown(context, folder), options.select),
    ...(children && {
      childFolders: context.store.folders
        .children(mailbox, folder.seq)
        .map((child) => shown(context, child))
        .filter((child) => !children.filter || satisfies(children.filter, plainSubject(child)))
        .map((child) => selected(child, children.select)),
    }),
  };
}

function listChildren(context: GraphContext, request: GraphRequest, mailbox: number, parent: FolderRow): GraphResponse {
  const options = folderOptions(request);
  const hidden = request.query.get('includeHiddenFolders')?.toLowerCase() === 'true';
  const rows = new Map(
    context.store.folders.children(mailbox, parent.seq, hidden).map((folder) => [shown(context, folder), folder]),
  );
  const { items, total, next } = page([...rows.keys()], options, PAGE);
  return {
    status: 200,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#mailFolders`,
      ...(options.count && { '@odata.count': total }),
      value: items.flatMap((json) => {
        const folder = rows.get(json);
        return folder ? [answered(context, mailbox, folder, options)] : [];
      }),
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
  // Exchange alone writes folders there; its words are not known
  if (parent.wellKnown === RECOVERABLE) throw errors.mailAccessDenied();
  const { displayName, isHidden } = folderFromInput(request.body);
  if (context.store.folders.hasChildNamed(mailbox, parent.seq, displayName)) throw errors.folderExists();
  const seq = context.store.folders.create(mailbox, parent.seq, displayName, null, isHidden);
  const created = context.store.folders.find(mailbox, seq);
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
