/** Which handler answers which method and path. `{}` stands for one segment. */
import * as attachments from './attachments.ts';
import type { GraphContext, Handler } from './context.ts';
import * as directory from './directory.ts';
import { errors } from './errors.ts';
import * as exchange from './exchange-roles.ts';
import * as folders from './folders.ts';
import * as messages from './messages.ts';
import type { GraphRequest, GraphResponse } from './request.ts';

type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Handler>>>;

const MESSAGE = '/users/{}/messages/{}';

const v1: Readonly<Record<string, Methods>> = {
  '/organization': { GET: directory.listOrganizations },
  '/organization/{}': { GET: directory.getOrganization },
  '/users': { GET: directory.listUsers },
  '/users/{}': { GET: directory.getUser },
  '/users/{}/mailFolders': { GET: folders.listFolders, POST: folders.createFolder },
  '/users/{}/mailFolders/{}': { GET: folders.getFolder, PATCH: folders.renameFolder, DELETE: folders.deleteFolder },
  '/users/{}/mailFolders/{}/childFolders': { GET: folders.listChildFolders, POST: folders.createChildFolder },
  '/users/{}/mailFolders/{}/messages': { GET: messages.listFolderMessages, POST: messages.createMessage },
  '/users/{}/mailFolders/{}/messages/{}': { GET: messages.getFolderMessage },
  '/users/{}/mailFolders/{}/messages/{}/attachments': {
    GET: withoutFolder(attachments.listAttachments),
    POST: withoutFolder(attachments.addAttachment),
  },
  '/users/{}/mailFolders/{}/messages/{}/attachments/createUploadSession': {
    POST: withoutFolder(attachments.createUploadSession),
  },
  '/users/{}/messages': { GET: messages.listMailboxMessages, POST: messages.createDraft },
  [MESSAGE]: { GET: messages.getMessage, PATCH: messages.updateMessage, DELETE: messages.deleteMessage },
  [`${MESSAGE}/move`]: { POST: messages.moveMessage },
  [`${MESSAGE}/attachments`]: { GET: attachments.listAttachments, POST: attachments.addAttachment },
  [`${MESSAGE}/attachments/createUploadSession`]: { POST: attachments.createUploadSession },
  [`${MESSAGE}/attachments/{}`]: { GET: attachments.getAttachment, DELETE: attachments.deleteAttachment },
  [`${MESSAGE}/attachments/{}/$value`]: { GET: attachments.getAttachmentContent },
};

const beta: Readonly<Record<string, Methods>> = {
  '/roleManagement/exchange/roleAssignments': { GET: exchange.listRoleAssignments },
  '/roleManagement/exchange/roleDefinitions': { GET: exchange.listRoleDefinitions },
  '/roleManagement/exchange/roleDefinitions/{}': { GET: exchange.getRoleDefinition },
};

interface Route {
  readonly pattern: readonly string[];
  readonly methods: Methods;
}

/** literal segments before `{}`, so that `attachments/createUploadSession` is not taken for an attachment */
const table = {
  'v1.0': compile(v1),
  beta: compile({ ...v1, ...beta }),
};

/**
 * Answers one request.
 * @throws {GraphError}
 */
export function route(context: GraphContext, request: GraphRequest): GraphResponse | Promise<GraphResponse> {
  const found = table[request.version].find(({ pattern }) => matches(pattern, request.segments));
  if (!found) throw errors.unknownSegment(unknownSegment(request));
  const handler = methodOf(found.methods, request.method);
  if (!handler) throw errors.methodNotAllowed();
  const parameters = request.segments.filter((_, index) => found.pattern[index] === '{}');
  return handler(context, request, parameters);
}

/** The user in `/users/{}/…` below a mail route, whose mailbox a request works on. */
export function mailboxOf(segments: readonly string[]): string | undefined {
  return segments[0] === 'users' && segments.length > 2 ? segments[1] : undefined;
}

function compile(routes: Readonly<Record<string, Methods>>): readonly Route[] {
  return Object.entries(routes)
    .map(([path, methods]) => ({ pattern: path.split('/').slice(1), methods }))
    .sort((left, right) => wildcards(left) - wildcards(right));
}

function wildcards(route: Route): number {
  return route.pattern.filter((segment) => segment === '{}').length;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part === '{}' || part.toLowerCase() === segments[index]?.toLowerCase())
  );
}

/** The first segment that no route knows, which is the one that Graph complains about. */
function unknownSegment(request: GraphRequest): string {
  const known = request.segments.findIndex(
    (_, index) =>
      !table[request.version].some(({ pattern }) =>
        matches(pattern.slice(0, index + 1), request.segments.slice(0, index + 1)),
      ),
  );
  return request.segments[known] ?? request.segments.at(-1) ?? '';
}

function methodOf(methods: Methods, method: string): Handler | undefined {
  return method === 'GET' || method === 'POST' || method === 'PATCH' || method === 'DELETE'
    ? methods[method]
    : undefined;
}

/** The same route below a folder. The message is found by its own id, wherever it lies. */
function withoutFolder(handler: Handler): Handler {
  return (context, request, [user = '', _folder, ...rest]) => handler(context, request, [user, ...rest]);
}
