/** `/users` and `/organization`. */
import type { Person, Tenant } from '../world/people.ts';
import { findPerson } from '../world/tenants.ts';
import { requireDirectory } from './access.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import type { Json } from './json.ts';
import { plainSubject, satisfies } from './odata/evaluate.ts';
import type { Filter } from './odata/filter.ts';
import { queryOptions } from './odata/query.ts';

/** What comes without `$select`. */
const USUAL: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];
const CREATED = '2023-03-14T09:00:00Z';

export const listUsers: Handler = (context, request) => {
  requireDirectory(request.caller);
  const options = queryOptions(request.query, { maxTop: 999 });
  const select = checkedSelect(options.select);
  const advanced = request.headers.consistencylevel?.toLowerCase() === 'eventual' && options.count;
  if (options.filter && !advanced) refuseAdvanced(options.filter);

  const { filter } = options;
  const people = request.caller.tenant.people
    .map(userJson)
    .filter((user) => filter === undefined || satisfies(filter, plainSubject(user)));
  const start = skipToken(options.skipToken);
  const top = options.top ?? 100;
  const next = start + top < people.length ? nextLink(context, request.query, start + top) : undefined;
  return {
    status: 200,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#users${contextSelect(select)}`,
      ...(options.count && { '@odata.count': people.length }),
      ...(next && { '@odata.nextLink': next }),
      value: people.slice(start, start + top).map((user) => pick(user, select)),
    },
  };
};

export const getUser: Handler = (context, request, [id = '']) => {
  requireDirectory(request.caller);
  const select = checkedSelect(queryOptions(request.query, { maxTop: 999 }).select);
  const person = findPerson(request.caller.tenant, id);
  if (!person) throw errors.noSuchUser(id);
  const entity = `${context.baseUrl()}/v1.0/$metadata#users${contextSelect(select)}/$entity`;
  return { status: 200, body: { '@odata.context': entity, ...pick(userJson(person), select) } };
};

export const listOrganizations: Handler = (context, request) => {
  requireDirectory(request.caller);
  const select = queryOptions(request.query, { maxTop: 999 }).select;
  const organization = pick(
    organizationJson(request.caller.tenant),
    select ?? Object.keys(organizationJson(request.caller.tenant)),
  );
  return {
    status: 200,
    body: { '@odata.context': `${context.baseUrl()}/v1.0/$metadata#organization`, value: [organization] },
  };
};

export const getOrganization: Handler = (context, request, [id = '']) => {
  requireDirectory(request.caller);
  if (id.toLowerCase() !== request.caller.tenant.id) throw errors.noSuchUser(id);
  const entity = `${context.baseUrl()}/v1.0/$metadata#organization/$entity`;
  return { status: 200, body: { '@odata.context': entity, ...organizationJson(request.caller.tenant) } };
};

function userJson(person: Person): Json {
  return {
    id: person.id,
    displayName: person.displayName,
    givenName: person.givenName,
    surname: person.surname,
    userPrincipalName: person.userPrincipalName,
    mail: person.mail,
    proxyAddresses: person.proxyAddresses,
    userType: person.userType,
    accountEnabled: person.accountEnabled,
    mobilePhone: person.mobile,
    businessPhones: [],
    jobTitle: null,
    officeLocation: null,
    preferredLanguage: null,
    createdDateTime: CREATED,
    assignedLicenses: [],
  };
}

function organizationJson(tenant: Tenant): Json {
  return {
    id: tenant.id,
    displayName: tenant.displayName,
    createdDateTime: CREATED,
    tenantType: 'AAD',
    verifiedDomains: tenant.domains.map((name, position) => ({
      capabilities: 'Email, OfficeCommunicationsOnline',
      isDefault: position === 0,
      isInitial: position === 0,
      name,
      type: 'Managed',
    })),
  };
}

function checkedSelect(select: readonly string[] | undefined): readonly string[] | undefined {
  if (select === undefined) return undefined;
  const known = new Map(USER_PROPERTIES.map((name) => [name.toLowerCase(), name]));
  return select.map((name) => {
    const property = known.get(name.toLowerCase());
    if (!property) {
      throw errors.badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
      );
    }
    return property;
  });
}

const USER_PROPERTIES: readonly string[] = [
  ...USUAL,
  'proxyAddresses',
  'userType',
  'accountEnabled',
  'createdDateTime',
  'assignedLicenses',
];

function pick(json: Json, select: readonly string[] | undefined): Json {
  const names = select ?? USUAL;
  return Object.fromEntries(Object.entries(json).filter(([name]) => names.includes(name)));
}

function contextSelect(select: readonly string[] | undefined): string {
  return select ? `(${select.join(',')})` : '';
}

/** `ne`, `not`, `endsWith` and negations need `ConsistencyLevel: eventual` and `$count=true`. */
function refuseAdvanced(filter: Filter): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    refuseAdvanced(filter.left);
    refuseAdvanced(filter.right);
    return;
  }
  const endsWith = filter.kind === 'function' && filter.name !== 'startswith';
  if (filter.kind === 'not' || endsWith || (filter.kind === 'compare' && filter.operator === 'ne')) {
    throw new GraphError(400, 'Request_UnsupportedQuery', 'Unsupported Query.');
  }
  if (filter.kind === 'any') refuseAdvanced(filter.condition);
}

function skipToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const position = Number(Buffer.from(token, 'base64url').toString('latin1'));
  if (!Number.isInteger(position) || position < 0) {
    throw new GraphError(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    );
  }
  return position;
}

function nextLink(context: GraphContext, query: URLSearchParams, position: number): string {
  const next = new URLSearchParams(query);
  next.set('$skiptoken', Buffer.from(String(position), 'latin1').toString('base64url'));
  return `${context.baseUrl()}/v1.0/users?${next}`;
}
