/** The body of a request: JSON, or the MIME of a message where one is created. */
import { errors } from './errors.ts';

/** deeper nesting than any honest body has, and the limit of Microsoft's own OData reader */
const MAX_DEPTH = 100;

/** MIME of a message, in base64 as it was sent. */
export class MimeContent {
  readonly base64: string;

  constructor(base64: string) {
    this.base64 = base64;
  }
}

interface Described {
  readonly method: string;
  readonly segments: readonly string[];
  readonly contentType: string | undefined;
  readonly contentEncoding?: string | undefined;
}

/**
 * The body as the handlers take it; undefined when there is none.
 * @throws {GraphError} 415 for another content type, charset or encoding, 400 for what is no JSON
 */
export function readBody(request: Described, bytes: unknown): unknown {
  if (!(bytes instanceof Buffer) || bytes.length === 0) return undefined;
  const [type, charset] = parsedType(request.contentType);
  const plain = request.contentEncoding === undefined || request.contentEncoding.toLowerCase() === 'identity';
  if (!plain || !['utf-8', 'utf8', 'us-ascii'].includes(charset)) throw errors.unsupportedMediaType();
  const text = bytes.toString('utf8');
  if (type === 'text/plain' && createsMessage(request)) return new MimeContent(text);
  if (type !== 'application/json') throw errors.unsupportedMediaType();
  return parseJson(text);
}

/** The body of a request inside a batch, where the outer JSON was read already. */
export function bodyInBatch(request: Described, body: unknown): unknown {
  const [type] = parsedType(request.contentType);
  return type === 'text/plain' && typeof body === 'string' && createsMessage(request) ? new MimeContent(body) : body;
}

function createsMessage({ method, segments }: Described): boolean {
  return method === 'POST' && segments.at(-1)?.toLowerCase() === 'messages';
}

function parsedType(header = ''): [type: string, charset: string] {
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  const charset = parameters
    .map((one) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(one)?.[1])
    .find((one) => one !== undefined);
  return [type.trim(), charset ?? 'utf-8'];
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    throw errors.unreadableJson();
  }
  if (isDeeper(value, MAX_DEPTH)) throw errors.unreadableJson();
  return value;
}

/** Level by level, so that the depth of the input is not the depth of the stack. Only objects and arrays are looked into. */
function isDeeper(value: unknown, limit: number): boolean {
  let level = isContainer(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === limit) return level.some((one) => Object.keys(one).length > 0);
    const next: object[] = [];
    for (const one of level) addContainers(one, next);
    level = next;
  }
  return false;
}

function addContainers(value: object, to: object[]): void {
  const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const one of inner) if (isContainer(one)) to.push(one);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
