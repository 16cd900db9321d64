/** What `$select`, `$expand`, `$filter` and `$orderby` may name on an entity, and Graph's refusals of all else. */
import { errors, GraphError } from '../errors.ts';
import type { Filter, Literal } from './filter.ts';
import type { Expansion, QueryOptions } from './query.ts';

/** Edm types by property; an object for a complex type, `Collection` for a list. */
export interface EntityType {
  /** `microsoft.graph.message` */
  readonly name: string;
  readonly properties: Readonly<Record<string, EdmType>>;
  readonly navigation: readonly string[];
  /** what the elements are of the lists that a lambda can look into */
  readonly searchable?: Readonly<Record<string, EdmType>>;
  /** properties of derived types by their qualified name, as in `$select=microsoft.graph.fileAttachment/contentId` */
  readonly derived?: Readonly<Record<string, readonly string[]>>;
}

export type EdmType =
  | 'Edm.String'
  | 'Edm.Boolean'
  | 'Edm.Int32'
  | 'Edm.DateTimeOffset'
  | 'Edm.Binary'
  | 'Enum'
  | 'Collection'
  | { readonly [name: string]: EdmType };

/**
 * Query options that an entity can answer; expansions have the names that its metadata has.
 * @throws {GraphError} 400 for a name that the entity has not, or a literal of another type than its property
 */
export function checkedOptions(options: QueryOptions, entity: EntityType): QueryOptions {
  checkSelection(options.select, entity);
  const expand = options.expand.map((expansion) => ({ ...expansion, name: navigationName(expansion.name, entity) }));
  if (options.filter) checkFilter(options.filter, entity);
  for (const { path } of options.orderBy) typeAt(path, entity);
  return { ...options, expand };
}

/**
 * Holds the options inside an expansion against the entities that it adds.
 * @throws {GraphError} 400
 */
export function checkExpansion({ select, filter }: Expansion, entity: EntityType): void {
  checkSelection(select, entity);
  if (filter) checkFilter(filter, entity);
}

function checkSelection(select: readonly string[] | undefined, entity: EntityType): void {
  for (const name of select ?? []) checkSelected(name, entity);
}

function navigationName(name: string, entity: EntityType): string {
  const known = entity.navigation.find((one) => one.toLowerCase() === name.toLowerCase());
  if (known === undefined) throw notSelectable(name, entity);
  return known;
}

/** The name in an answer that a `$select` means: a cast is left away. */
export function selectedName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function checkSelected(name: string, entity: EntityType): void {
  if (name === '*') return;
  const [first = '', ...rest] = name.split('/');
  const derived = Object.entries(entity.derived ?? {}).find(([type]) => type.toLowerCase() === first.toLowerCase());
  if (derived && rest.length === 1 && includes([...Object.keys(entity.properties), ...derived[1]], rest[0] ?? ''))
    return;
  if (derived || !includes([...Object.keys(entity.properties), ...entity.navigation], first)) {
    throw notSelectable(name, entity);
  }
}

function checkFilter(filter: Filter, entity: EntityType): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkFilter(filter.left, entity);
    checkFilter(filter.right, entity);
  } else if (filter.kind === 'not') checkFilter(filter.operand, entity);
  else if (filter.kind === 'compare') checkLiteral(typeAt(filter.path, entity), filter.value, filter.operator);
  else if (filter.kind === 'in') {
    for (const value of filter.values) checkLiteral(typeAt(filter.path, entity), value, 'eq');
  } else if (filter.kind === 'function' && typeAt(filter.path, entity) !== 'Edm.String') {
    throw unparsable(
      `No function signature for the function with name '${filter.name}' matches the specified arguments.`,
    );
  } else if (filter.kind === 'any') checkLambda(filter, entity);
}

/** A lambda is checked as a filter over its variable, which is all that it can name. */
function checkLambda({ path, variable, condition }: Filter & { kind: 'any' }, entity: EntityType): void {
  if (!includes(entity.navigation, path) && typeAt(path, entity) !== 'Collection') {
    throw unparsable('Any/All may only be used following a collection.');
  }
  const { searchable = {} } = entity;
  const element = Object.hasOwn(searchable, path) ? searchable[path] : undefined;
  if (element === undefined) throw errors.invalidFilter();
  checkFilter(condition, { name: entity.name, properties: { [variable]: element }, navigation: [] });
}

const OPERATOR_KINDS = {
  eq: 'Equal',
  ne: 'NotEqual',
  gt: 'GreaterThan',
  ge: 'GreaterThanOrEqual',
  lt: 'LessThan',
  le: 'LessThanOrEqual',
} as const;

function checkLiteral(type: EdmType, value: Literal, operator: keyof typeof OPERATOR_KINDS): void {
  if (value === null || type === 'Edm.Binary') return;
  const literal =
    typeof value === 'object'
      ? 'Edm.DateTimeOffset'
      : typeof value === 'boolean'
        ? 'Edm.Boolean'
        : typeof value === 'number'
          ? 'Edm.Int32'
          : 'Edm.String';
  if (type === literal || (type === 'Enum' && literal === 'Edm.String')) return;
  const found = typeof type === 'string' ? type : 'Edm.ComplexType';
  throw unparsable(
    `A binary operator with incompatible types was detected. Found operand types '${found}' and '${literal}' for operator kind '${OPERATOR_KINDS[operator]}'.`,
  );
}

function typeAt(path: string, entity: EntityType): EdmType {
  let type: EdmType = entity.properties;
  for (const name of path.split('/')) {
    const inner: EdmType | undefined = typeof type === 'object' && Object.hasOwn(type, name) ? type[name] : undefined;
    if (inner === undefined) throw unparsable(`Could not find a property named '${name}' on type '${entity.name}'.`);
    type = inner;
  }
  return type;
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

function notSelectable(name: string, entity: EntityType): GraphError {
  return errors.badRequest(
    `Parsing OData Select and Expand failed: Could not find a property named '${selectedName(name)}' on type '${entity.name}'.`,
  );
}

/** What Graph's router says of a `$filter` or `$orderby` that names no property of the entity. */
function unparsable(message: string): GraphError {
  return new GraphError(400, 'RequestBroker--ParseUri', message);
}
