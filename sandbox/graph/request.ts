/** A Graph request and its answer apart from HTTP, so that a request inside a batch is handled as one outside is. */
import type { Person, Tenant } from '../world/people.ts';

export interface Caller {
  readonly tenant: Tenant;
  /** client id of the app */
  readonly app: string;
  /** application permissions in the token */
  readonly roles: ReadonlySet<string>;
  /** delegated permissions in the token */
  readonly scopes: ReadonlySet<string>;
  /** the signed-in person, undefined for the app's own tokens */
  readonly user: Person | undefined;
}

/** What limits per app count by: the app in this tenant. */
export function appKey(caller: Caller): string {
  return `${caller.tenant.id} ${caller.app}`;
}

export interface GraphRequest {
  readonly version: 'v1.0' | 'beta';
  readonly method: string;
  /** decoded path segments after the version */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** names in lower case */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** parsed JSON, undefined without a body */
  readonly body: unknown;
  /** size of the body on the wire */
  readonly bodyBytes: number;
  readonly caller: Caller;
}

export interface GraphResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON value or text, bytes, or undefined for an empty body */
  readonly body?: unknown;
}

/** JSON that is written out already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Bytes of an answer that are read a chunk at a time while they are sent. */
export class ByteStream {
  readonly chunks: Iterable<Uint8Array>;

  constructor(chunks: Iterable<Uint8Array>) {
    this.chunks = chunks;
  }
}

/** Whether the client asked for ids that survive a move. */
export function wantsImmutableIds(request: GraphRequest): boolean {
  return /(^|[,;\s])IdType="?ImmutableId"?/i.test(request.headers.prefer ?? '');
}

/** Whether the client wants HTML bodies as text. */
export function wantsTextBodies(request: GraphRequest): boolean {
  return /(^|[,;\s])outlook\.body-content-type="?text"?/i.test(request.headers.prefer ?? '');
}

/** `Preference-Applied` for the preferences that were heeded. */
export function appliedPreferences(request: GraphRequest): Readonly<Record<string, string>> {
  const applied = [
    ...(wantsImmutableIds(request) ? ['IdType="ImmutableId"'] : []),
    ...(wantsTextBodies(request) ? ['outlook.body-content-type="text"'] : []),
  ];
  return applied.length > 0 ? { 'preference-applied': applied.join(', ') } : {};
}

/** What HTTP servers take; inside a batch nothing else would bound a URL, and with it the depth of a filter. */
const LONGEST_URL = 16_384;

/** most requests have none, and nobody changes it */
const NO_QUERY = new URLSearchParams();

/**
 * Path segments and query of a URL below the version, for example `/users/x/messages?$top=1`.
 * Undefined when it is too long or a percent-encoding is broken.
 */
export function splitUrl(url: string): { segments: readonly string[]; query: URLSearchParams } | undefined {
  if (url.length > LONGEST_URL) return undefined;
  const [path = '', ...query] = url.split('?');
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment));
    return { segments, query: query.length === 0 ? NO_QUERY : new URLSearchParams(query.join('?')) };
  } catch {
    return undefined;
  }
}
