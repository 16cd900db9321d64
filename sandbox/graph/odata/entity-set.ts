/** Answers of the directory's routes: `$select`, `$filter`, `$orderby`, `$expand` and pages over one type of object. */
import type { GraphContext } from '../context.ts';
import { directoryErrors } from '../directory-errors.ts';
import type { Json } from '../json.ts';
import type { GraphRequest, GraphResponse } from '../request.ts';
import { plainSubject, type Subject, satisfies } from './evaluate.ts';
import { type Expansion, type QueryOptions, queryOptions } from './query.ts';
import { type QueryableProperties, refuseUnsupported } from './queryable.ts';

const MAX_TOP = 999;
const PAGE = 100;
/** a type's annotation, which every answer keeps */
const ANNOTATION = '@';

/** An object with all its properties, and beside them the objects that `$expand` can add. */
export interface Entity {
  readonly json: Json;
  readonly related?: Readonly<Record<string, unknown>>;
}

export interface EntitySet {
  /** name of the type without its namespace: `user` */
  readonly type: string;
  /** what follows `$metadata#` in `@odata.context` */
  readonly context: string;
  /** names that `$select` takes */
  readonly properties: readonly string[];
  /** what comes without `$select`; all where it is not given */
  readonly usual?: readonly string[];
  readonly queryable: QueryableProperties;
  /** names that `$expand` takes */
  readonly expandable?: readonly string[];
}

/**
 * A page of objects.
 * @throws {GraphError} 400
 */
export function listAnswer(
  context: GraphContext,
  request: GraphRequest,
  set: EntitySet,
  entities: readonly Entity[],
): GraphResponse {
  const options = directoryOptions(request);
  const shape = shapeOf(set, options);
  const advanced = isEventual(request) && options.count;
  refuseUnsupported(set, options, advanced);

  const { filter } = options;
  const found = filter ? entities.filter(({ json }) => satisfies(filter, subjectOf(set, json))) : entities;
  const sorted = sortedBy(found, options, set);
  const start = positionOf(options.skipToken);
  const end = start + (options.top ?? PAGE);
  return {
    status: 200,
    body: {
      '@odata.context': contextUrl(context, request, set, shape),
      ...(isEventual(request) && options.count && { '@odata.count': sorted.length }),
      ...(end < sorted.length && { '@odata.nextLink': nextLink(context, request, end) }),
      value: sorted.slice(start, end).map((entity) => shape.show(entity)),
    },
  };
}

/**
 * One object.
 * @throws {GraphError} 400
 */
export function entityAnswer(
  context: GraphContext,
  request: GraphRequest,
  set: EntitySet,
  entity: Entity,
): GraphResponse {
  const options = directoryOptions(request);
  const { filter, top, orderBy, count, skipToken } = options;
  if (filter || top !== undefined || orderBy.length > 0 || count || skipToken !== undefined) {
    throw directoryErrors.noCollection();
  }
  const shape = shapeOf(set, options);
  const url = `${contextUrl(context, request, set, shape)}/$entity`;
  return { status: 200, body: { '@odata.context': url, ...shape.show(entity) } };
}

function directoryOptions(request: GraphRequest): QueryOptions {
  for (const name of request.query.keys()) {
    if (/^\$?skip$/i.test(name)) throw directoryErrors.badRequest("'$skip' is not supported by the service.");
    if (/^\$?search$/i.test(name) && !isEventual(request)) {
      throw directoryErrors.unsupportedQuery(
        "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
      );
    }
  }
  return queryOptions(request.query, { maxTop: MAX_TOP, outOfRange: directoryErrors.pageSize });
}

/** `ConsistencyLevel: eventual`, without which `$count=true` is ignored and some queries are refused. */
function isEventual(request: GraphRequest): boolean {
  return request.headers.consistencylevel?.toLowerCase() === 'eventual';
}

/** Which properties an answer shows. */
interface Shape {
  /** in parentheses behind the set's name in `@odata.context` */
  readonly names: readonly string[];
  show(entity: Entity): Json;
}

function shapeOf(set: EntitySet, options: QueryOptions): Shape {
  const select = options.select?.flatMap((name) => (name === '*' ? set.properties : [propertyOf(set, name)]));
  const expand = options.expand.map((expansion) => checkedExpansion(set, expansion));
  const shown = new Set(select ?? set.usual ?? set.properties);
  return {
    names: [...(options.select?.includes('*') ? ['*'] : (select ?? [])), ...expand.map((name) => `${name}()`)],
    show: ({ json, related }) => ({
      ...Object.fromEntries(Object.entries(json).filter(([name]) => name.startsWith(ANNOTATION) || shown.has(name))),
      ...Object.fromEntries(expand.map((name) => [name, related?.[name] ?? null])),
    }),
  };
}

/** by set: its properties by their lower-case names */
const names = new WeakMap<EntitySet, ReadonlyMap<string, string>>();

/** The property's own spelling; names are taken in any case. */
function spelled(set: EntitySet, name: string): string | undefined {
  const known = names.get(set) ?? new Map(set.properties.map((one) => [one.toLowerCase(), one]));
  names.set(set, known);
  return known.get(name.toLowerCase());
}

function propertyOf(set: EntitySet, name: string): string {
  const property = spelled(set, name);
  if (property === undefined) {
    throw directoryErrors.unknownProperty(name, set.type, 'Parsing OData Select and Expand failed');
  }
  return property;
}

function checkedExpansion(set: EntitySet, { name, filter, select }: Expansion): string {
  const known = set.expandable?.find((one) => one.toLowerCase() === name.toLowerCase());
  if (known === undefined) {
    throw directoryErrors.unknownProperty(name, set.type, 'Parsing OData Select and Expand failed');
  }
  if (filter || select) throw directoryErrors.unsupportedQuery(`Options inside $expand=${known} are not supported.`);
  return known;
}

function subjectOf(set: EntitySet, json: Json): Subject {
  const subject = plainSubject(json);
  return {
    read: (path) => {
      const [first = '', ...rest] = path.split('/');
      return subject.read([spelled(set, first) ?? first, ...rest].join('/'));
    },
  };
}

function sortedBy(entities: readonly Entity[], { orderBy }: QueryOptions, set: EntitySet): readonly Entity[] {
  const keys = orderBy.map(({ path, descending }) => ({ path: path.toLowerCase(), sign: descending ? -1 : 1 }));
  const textOf = (json: Json, path: string): string => String(subjectOf(set, json).read(path) ?? '').toLowerCase();
  return entities.toSorted((left, right) => {
    for (const { path, sign } of keys) {
      const [one, other] = [textOf(left.json, path), textOf(right.json, path)];
      if (one !== other) return one < other ? -sign : sign;
    }
    return 0;
  });
}

function contextUrl(context: GraphContext, request: GraphRequest, set: EntitySet, { names }: Shape): string {
  const selection = names.length > 0 ? `(${names.join(',')})` : '';
  return `${context.baseUrl()}/${request.version}/$metadata#${set.context}${selection}`;
}

/** The next page keeps the query; its token is opaque to clients. */
function nextLink(context: GraphContext, request: GraphRequest, position: number): string {
  const query = new URLSearchParams([...request.query].filter(([name]) => !/^\$?skiptoken$/i.test(name)));
  query.set('$skiptoken', Buffer.from(`page ${position}`, 'latin1').toString('base64url'));
  const path = request.segments.map(encodeURIComponent).join('/');
  return `${context.baseUrl()}/${request.version}/${path}?${query.toString().replaceAll('%24', '$')}`;
}

function positionOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const position = /^page (\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('latin1'))?.[1];
  if (position === undefined) throw directoryErrors.expiredPage();
  return Number(position);
}
