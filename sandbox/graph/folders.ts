/** `/users/{id}/mailFolders` and what lies under it. */
import { z } from 'zod';
import { openForWriting, openMailbox } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import { parseFolderId } from './ids.ts';
import { folderJson, type Json, selected } from './json.ts';
import { RECOVERABLE, ROOT, wellKnownFolders } from './mailbox-schema.ts';
import { plainSubject, satisfies } from './odata/evaluate.ts';
import { queryOptions } from './odata/query.ts';
import type { GraphRequest, GraphResponse } from './request.ts';
import type { FolderRow } from './rows.ts';

const WELL_KNOWN: ReadonlySet<string> = new Set([ROOT, RECOVERABLE, ...wellKnownFolders.map(([name]) => name)]);

/** Room for a folder's children in one page. */
const MAX_TOP = 1_000;
const PAGE = 10;

const folderSchema = z.strictObject({
  '@odata.type': z.string().optional(),
  displayName: z.string().optional(),
  isHidden: z.boolean().optional(),
});

/**
 * A folder by id or well-known name.
 * @throws {GraphError} 400 when the id is malformed, 404 when there is no such folder in this mailbox
 */
export function findFolder(context: GraphContext, mailbox: number, id: string): FolderRow {
  if (WELL_KNOWN.has(id.toLowerCase())) {
    const folder = context.store.wellKnownFolder(mailbox, id);
    if (folder) return folder;
  }
  const seq = parseFolderId(id);
  if (seq === undefined) throw errors.malformedId();
  const folder = context.store.folder(mailbox, seq);
  if (!folder) throw errors.itemNotFound();
  return folder;
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
  const { select } = queryOptions(request.query, { maxTop: MAX_TOP });
  return folderAnswer(context, 200, user, selected(shown(context, findFolder(context, mailbox, id)), select));
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
  const displayName = displayNameOf(request.body);
  const clash = folder.displayName.toLowerCase() !== displayName.toLowerCase();
  if (clash && context.store.hasChildNamed(mailbox, folder.parent ?? 0, displayName)) throw errors.folderExists();
  context.store.renameFolder(folder.seq, displayName);
  return folderAnswer(context, 200, user, shown(context, findFolder(context, mailbox, id)));
};

/** A deleted folder goes to Deleted Items, with what is in it. */
export const deleteFolder: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const folder = findFolder(context, mailbox, id);
  refuseWellKnown(folder);
  const deleted = findFolder(context, mailbox, 'deleteditems');
  if (context.store.hasChildNamed(mailbox, deleted.seq, folder.displayName)) {
    context.store.renameFolder(folder.seq, `${folder.displayName} (${folder.seq})`);
  }
  context.store.moveFolder(folder.seq, deleted.seq);
  return { status: 204 };
};

function shown(context: GraphContext, folder: FolderRow): Json {
  return folderJson(folder, context.store.folderCounts(folder.seq));
}

function listChildren(context: GraphContext, request: GraphRequest, mailbox: number, parent: FolderRow): GraphResponse {
  const options = queryOptions(request.query, { maxTop: MAX_TOP });
  const { filter } = options;
  const found = context.store
    .childFolders(mailbox, parent.seq)
    .map((folder) => shown(context, folder))
    .filter((folder) => filter === undefined || satisfies(filter, plainSubject(folder)));
  const top = options.top ?? PAGE;
  const end = options.skip + top;
  return {
    status: 200,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#mailFolders`,
      ...(options.count && { '@odata.count': found.length }),
      value: found.slice(options.skip, end).map((folder) => selected(folder, options.select)),
      ...(end < found.length && { '@odata.nextLink': pageLink(context, request, end) }),
    },
  };
}

/** The same request for the page that begins at `skip`. */
export function pageLink(context: GraphContext, request: GraphRequest, skip: number): string {
  const query = new URLSearchParams(request.query);
  query.set('$skip', String(skip));
  const path = request.segments.map(encodeURIComponent).join('/');
  return `${context.baseUrl()}/${request.version}/${path}?${query}`;
}

function createIn(
  context: GraphContext,
  request: GraphRequest,
  user: string,
  mailbox: number,
  parent: FolderRow,
): GraphResponse {
  const displayName = displayNameOf(request.body);
  if (context.store.hasChildNamed(mailbox, parent.seq, displayName)) throw errors.folderExists();
  const seq = context.store.createFolder(mailbox, parent.seq, displayName);
  const created = context.store.folder(mailbox, seq);
  if (!created) throw errors.itemNotFound();
  return folderAnswer(context, 201, user, shown(context, created));
}

function displayNameOf(body: unknown): string {
  const parsed = folderSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw issue?.code === 'unrecognized_keys'
      ? errors.unknownProperty(issue.keys[0] ?? '', 'Microsoft.OutlookServices.MailFolder')
      : errors.requestBody(`Cannot read '${issue?.path.join('/') ?? 'the body'}': ${issue?.message ?? 'invalid'}.`);
  }
  const name = parsed.data.displayName?.trim() ?? '';
  if (name === '' || name.length > 255) {
    throw new GraphError(400, 'ErrorInvalidFolderName', 'The folder name is empty or too long.');
  }
  return name;
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
