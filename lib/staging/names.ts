/**
 * Where staged content lies. Organization first and import second, so that a sweep or an erasure lists by prefix:
 *
 *     {organizationId}/{importId}/pages/{number}
 *     {organizationId}/{importId}/attachments/{attachmentId}
 */

export interface StagedName {
  readonly organizationId: string;
  readonly importId: string;
  readonly kind: 'pages' | 'attachments';
  /** page number or attachment row id, in decimal */
  readonly id: string;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const NAME = new RegExp(`^(${UUID})/(${UUID})/(pages|attachments)/(0|[1-9][0-9]*)$`);

/** @param page 0 or more; a number is written once and never reused within its import */
export function pageName(organizationId: string, importId: string, page: number): string {
  return checked(`${organizationId}/${importId}/pages/${page}`);
}

export function attachmentName(organizationId: string, importId: string, attachmentId: bigint | number): string {
  return checked(`${organizationId}/${importId}/attachments/${attachmentId}`);
}

export function organizationPrefix(organizationId: string): string {
  return `${organizationId}/`;
}

export function importPrefix(organizationId: string, importId: string): string {
  return `${organizationId}/${importId}/`;
}

/** Null for a blob that this product did not name, which a sweep must leave alone. */
export function parseStagedName(name: string): StagedName | null {
  const [, organizationId, importId, kind, id] = NAME.exec(name) ?? [];
  if (!organizationId || !importId || !id || (kind !== 'pages' && kind !== 'attachments')) return null;
  return { organizationId, importId, kind, id };
}

/** An id that is no id would put content where no sweep finds it. */
function checked(name: string): string {
  if (!NAME.test(name)) throw new RangeError(`Not a name for staged content: ${name}`);
  return name;
}
