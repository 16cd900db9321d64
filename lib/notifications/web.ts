/**
 * Requests to addresses that administrators give: webhooks and heartbeats. Only to hosts that the operator lists, only by
 * HTTPS, to no address of a private network unless the operator says so, without redirects, and bounded in time and size.
 */
import { isIP } from 'node:net';
import { type Dispatcher, request } from 'undici';
import { outgoing } from '../outgoing.ts';
import { tracedRequest } from '../tracing/requests.ts';
import { ADDRESS_REFUSED, AddressRefused, checkedLookup, mayConnect, type Resolve } from './addresses.ts';
import { type Answer, printable } from './answer.ts';

const TIMEOUT_MS = 10_000;
/** Too many requests, and a server that cannot now. */
const ASKS_TO_WAIT = [429, 502, 503, 504];
/** Of an answer so much is read. */
const MOST_BYTES = 4_096;

export interface WebSettings {
  /** host, or host:port */
  readonly hosts: readonly string[];
  readonly privateHosts: readonly string[];
}

export type UrlProblem = 'not_a_url' | 'not_https' | 'has_credentials' | 'host_not_allowed';

export interface Web {
  /** What is wrong with an address that somebody gives; null where nothing is. */
  problemOf(url: string): UrlProblem | null;
  /** Sends one request. Never throws for what the other side does; what is not 2xx is a failure. */
  send(url: string, what: WebRequest): Promise<Answer>;
}

export interface WebRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks for an address of the operator's own choosing, which is bound to no list. Never throws. */
export async function askFor(url: string): Promise<Answer> {
  return exchange(new URL(url), { method: 'GET' }, asked());
}

/** @param resolve how names are resolved, for tests */
export function createWeb(settings: WebSettings, resolve?: Resolve): Web {
  const agents = { public: agentFor(false, resolve), private: agentFor(true, resolve) };
  const listed = (hosts: readonly string[], { hostname, host }: URL): boolean =>
    hosts.includes(host) || (host === hostname && hosts.includes(`${hostname}:443`));

  function problemOf(text: string): UrlProblem | null {
    const url = URL.parse(text);
    if (url === null) return 'not_a_url';
    if (url.protocol !== 'https:') return 'not_https';
    if (url.username !== '' || url.password !== '') return 'has_credentials';
    return listed([...settings.hosts, ...settings.privateHosts], url) ? null : 'host_not_allowed';
  }

  return {
    problemOf,
    async send(text, { method, headers, body }) {
      const problem = problemOf(text);
      if (problem !== null) return { ok: false, answer: REFUSALS[problem] };
      const url = new URL(text);
      const isPrivate = listed(settings.privateHosts, url);
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !mayConnect(literal, isPrivate)) return { ok: false, answer: ADDRESS_REFUSED };
      return exchange(
        url,
        { method, ...(headers && { headers }), ...(body && { body }) },
        isPrivate ? agents.private : agents.public,
      );
    },
  };
}

async function exchange(url: URL, { method, headers, body }: WebRequest, agent: Dispatcher): Promise<Answer> {
  try {
    const answer = await tracedRequest(method, url, () =>
      request(url, {
        method,
        headers: { ...headers, 'user-agent': 'compliance-portal' },
        body: body ?? null,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        dispatcher: agent,
      }),
    );
    const { ok, answer: said } = await read(answer.statusCode, answer.body);
    return { ok, answer: withoutSecrets(said, url), isAway: ASKS_TO_WAIT.includes(answer.statusCode) };
  } catch (error) {
    return { ok: false, answer: printable(wordOf(error)), isAway: true };
  }
}

/** Path and query are a webhook's password as a rule, and a server may repeat them: "Cannot POST /services/…". */
function withoutSecrets(said: string, { pathname, search }: URL): string {
  return [pathname + search, pathname, search]
    .filter((part) => part.length > 1)
    .reduce((text, part) => text.replaceAll(part, '…'), said);
}

const REFUSALS: Readonly<Record<UrlProblem, string>> = {
  not_a_url: 'Not an address',
  not_https: 'Not an https address',
  has_credentials: 'The address carries a password',
  host_not_allowed: 'The operator does not allow this host any more',
};

async function read(status: number, body: AsyncIterable<unknown> & { destroy(): unknown }): Promise<Answer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of body) {
      if (!(piece instanceof Uint8Array)) continue;
      pieces.push(piece);
      length += piece.byteLength;
      if (length >= MOST_BYTES) break;
    }
  } catch {
    // The status decides. What is left of the text is only shown.
  } finally {
    body.destroy();
  }
  const text = Buffer.concat(pieces).subarray(0, MOST_BYTES).toString('utf8');
  const redirected = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
  return { ok: status >= 200 && status < 300, answer: printable(`HTTP ${status}${redirected} ${text}`) };
}

/** Addresses are checked where we connect to them: behind a proxy they are the proxy's to refuse. */
function agentFor(isPrivate: boolean, resolve: Resolve | undefined): Dispatcher {
  const lookup = checkedLookup(isPrivate, resolve);
  return outgoing({ connections: 8, keepAliveTimeout: 1_000, connect: { timeout: TIMEOUT_MS, lookup } });
}

let anyAddress: Dispatcher | undefined;

function asked(): Dispatcher {
  anyAddress ??= outgoing({ connections: 1, keepAliveTimeout: 1_000, connect: { timeout: TIMEOUT_MS } });
  return anyAddress;
}

function wordOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordOf(error.errors[0]);
  if (error instanceof AddressRefused) return error.message;
  if (!(error instanceof Error)) return 'No answer';
  if (error.name === 'TimeoutError') return 'No answer in time';
  return 'code' in error && typeof error.code === 'string' ? `No answer (${error.code})` : 'No answer';
}
