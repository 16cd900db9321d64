/** Which handler answers which method and path. `{}` stands for one segment. */
import * as attachments from './attachments.ts';
import type { GraphContext, Handler } from './context.ts';
import * as directory from './directory.ts';
import * as directoryRoles from './directory-roles.ts';
import { errors } from './errors.ts';
import * as folders from './folders.ts';
import * as messageLists from './message-lists.ts';
import * as messages from './messages.ts';
import * as organization from './organization.ts';
import { plainPath } from './paths.ts';
import type { GraphRequest, GraphResponse } from './request.ts';
import * as roleManagement from './role-management.ts';

type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Handler>>>;

const MESSAGE = '/users/{}/messages/{}';

const v1: Readonly<Record<string, Methods>> = {
  '/organization': { GET: organization.listOrganizations },
  '/organization/{}': { GET: organization.getOrganization },
  '/directoryRoles': { GET: directoryRoles.listDirectoryRoles },
  '/directoryRoles/{}/members': { GET: directoryRoles.listRoleMembers },
  "/directoryRoles(roleTemplateId='{}')/members": { GET: directoryRoles.listMembersByTemplate },
  '/roleManagement/directory/roleAssignments': { GET: roleManagement.listDirectoryAssignments },
  '/roleManagement/directory/roleDefinitions': { GET: roleManagement.listDirectoryDefinitions },
  '/roleManagement/directory/roleDefinitions/{}': { GET: roleManagement.getDirectoryDefinition },
  '/users': { GET: directory.listUsers },
  '/users/{}': { GET: directory.getUser },
  '/users/{}/memberOf': { GET: directoryRoles.listMemberships },
  '/users/{}/memberOf/microsoft.graph.directoryRole': { GET: directoryRoles.listRoleMemberships },
  '/users/{}/transitiveMemberOf': { GET: directoryRoles.listMemberships },
  '/users/{}/transitiveMemberOf/microsoft.graph.directoryRole': { GET: directoryRoles.listRoleMemberships },
  '/users/{}/mailFolders': { GET: folders.listFolders, POST: folders.createFolder },
  '/users/{}/mailFolders/{}': { GET: folders.getFolder, PATCH: folders.renameFolder, DELETE: folders.deleteFolder },
  '/users/{}/mailFolders/{}/childFolders': { GET: folders.listChildFolders, POST: folders.createChildFolder },
  '/users/{}/mailFolders/{}/messages': { GET: messageLists.listFolderMessages, POST: messages.createMessage },
  '/users/{}/mailFolders/{}/messages/{}': { GET: messages.getFolderMessage },
  '/users/{}/mailFolders/{}/messages/{}/attachments': {
    GET: withoutFolder(attachments.listAttachments),
    POST: withoutFolder(attachments.addAttachment),
  },
  '/users/{}/mailFolders/{}/messages/{}/attachments/createUploadSession': {
    POST: withoutFolder(attachments.createUploadSession),
  },
  '/users/{}/messages': { GET: messageLists.listMailboxMessages, POST: messages.createDraft },
  [MESSAGE]: { GET: messages.getMessage, PATCH: messages.updateMessage, DELETE: messages.deleteMessage },
  [`${MESSAGE}/move`]: { POST: messages.moveMessage },
  [`${MESSAGE}/attachments`]: { GET: attachments.listAttachments, POST: attachments.addAttachment },
  [`${MESSAGE}/attachments/createUploadSession`]: { POST: attachments.createUploadSession },
  [`${MESSAGE}/attachments/{}`]: { GET: attachments.getAttachment, DELETE: attachments.deleteAttachment },
  [`${MESSAGE}/attachments/{}/$value`]: { GET: attachments.getAttachmentContent },
};

const beta: Readonly<Record<string, Methods>> = {
  '/roleManagement/exchange/roleAssignments': { GET: roleManagement.listExchangeAssignments },
  '/roleManagement/exchange/roleDefinitions': { GET: roleManagement.listExchangeDefinitions },
  '/roleManagement/exchange/roleDefinitions/{}': { GET: roleManagement.getExchangeDefinition },
};

interface Route {
  readonly pattern: readonly PathPart[];
  readonly methods: Methods;
}

/** A segment of a route as it is written, and what matches it: the group is what stands where `{}` is. */
interface PathPart {
  readonly text: string;
  readonly kind: 'literal' | 'parameter' | 'mixed';
  readonly expression: RegExp;
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
  const segments = plainPath(request.segments, request.caller);
  const found = table[request.version].find(({ pattern }) => matches(pattern, segments));
  if (!found) throw errors.unknownSegment(unknownSegment(request.version, segments));
  const handler = methodOf(found.methods, request.method);
  if (!handler) throw errors.methodNotAllowed();
  const parameters = found.pattern.flatMap((part, index) => parametersIn(part, segments[index] ?? ''));
  return handler(context, request, parameters);
}

function compile(routes: Readonly<Record<string, Methods>>): readonly Route[] {
  return Object.entries(routes)
    .map(([path, methods]) => ({ pattern: path.split('/').slice(1).map(partOf), methods }))
    .sort((left, right) => wildcards(left) - wildcards(right));
}

function partOf(text: string): PathPart {
  const literals = text.split('{}').map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const kind = text === '{}' ? 'parameter' : text.includes('{}') ? 'mixed' : 'literal';
  return { text, kind, expression: new RegExp(`^${literals.join('(.*)')}$`, 'is') };
}

function wildcards(route: Route): number {
  return route.pattern.filter(({ kind }) => kind === 'parameter').length;
}

function matches(pattern: readonly PathPart[], segments: readonly string[]): boolean {
  return pattern.length === segments.length && pattern.every((part, index) => fits(part, segments[index] ?? ''));
}

/** Asks the expression last: every request is held against many routes. */
function fits({ text, kind, expression }: PathPart, segment: string): boolean {
  if (kind === 'parameter') return true;
  if (kind === 'literal' && segment.length !== text.length) return false;
  return segment === text || expression.test(segment);
}

function parametersIn({ kind, expression }: PathPart, segment: string): readonly string[] {
  if (kind === 'literal') return [];
  return kind === 'parameter' ? [segment] : (expression.exec(segment)?.slice(1) ?? []);
}

/** The first segment that no route knows, which is the one that Graph complains about. */
function unknownSegment(version: GraphRequest['version'], segments: readonly string[]): string {
  const known = segments.findIndex(
    (_, index) =>
      !table[version].some(({ pattern }) => matches(pattern.slice(0, index + 1), segments.slice(0, index + 1))),
  );
  return segments[known] ?? segments.at(-1) ?? '';
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
