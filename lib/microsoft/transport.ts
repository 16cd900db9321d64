/**
 * How bytes travel to Microsoft: one pool of connections, bounded waits, bounded answers, no redirects, no retries.
 *
 * Says of every failure the one thing that callers must know: whether the request can have reached the other side.
 */
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { outgoing } from '../outgoing.ts';
import { tracedRequest } from '../tracing/requests.ts';

/** The connection was never made: nothing was sent, and sending again cannot double anything. */
export class NotSent extends Error {
  override name = 'NotSent';
}

/** The request may have been carried out, but no whole answer came: time-out, reset, too large an answer. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

export interface TransportSettings {
  readonly dispatcher?: Dispatcher;
  /** milliseconds until the headers of an answer must be there, default 120,000: a $batch of 20 creates takes a while */
  readonly headersTimeoutMs?: number;
  /** milliseconds of silence after which a body counts as broken off, default 30,000 */
  readonly bodyTimeoutMs?: number;
  /** largest answer in bytes, default 64 MiB */
  readonly maxAnswerBytes?: number;
}

export interface WireRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** monotonic milliseconds (`performance.now()`) after which the request, or the rest of its body, is not sent any more */
  readonly notAfter?: number | undefined;
  /** takes the body of an answer below 400 as it comes, of any length; the answer's `text` is then empty */
  readonly sink?: Sink | undefined;
}

/** Takes a stream piece by piece. What it throws ends the stream, and is thrown on. */
export type Sink = (piece: Uint8Array) => void;

export interface WireAnswer {
  readonly status: number;
  /** lower-case names */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type Transport = (url: string, wire: WireRequest) => Promise<WireAnswer>;

/** Failures of undici and of the system that happen before a byte of the request leaves. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  // the tunnel of a proxy was not made
  'UND_ERR_PRX_CONN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

let sharedAgent: Dispatcher | undefined;

/** @throws (from the returned function) NotSent, NoAnswer, or the signal's reason where the caller aborted */
export function createTransport(settings: TransportSettings = {}): Transport {
  const limit = settings.maxAnswerBytes ?? 64 * 1024 * 1024;
  return async (url, wire) => {
    try {
      // What has no body is on its way with this call.
      if (wire.notAfter !== undefined && performance.now() > wire.notAfter) throw new TooLate();
      const answer = await tracedRequest(wire.method, url, () =>
        request(url, {
          method: wire.method,
          ...contentOf(wire),
          signal: wire.signal ?? null,
          dispatcher: settings.dispatcher ?? processAgent(),
          headersTimeout: settings.headersTimeoutMs ?? 120_000,
          bodyTimeout: settings.bodyTimeoutMs ?? 30_000,
        }),
      );
      const { statusCode: status, headers, body } = answer;
      const text = wire.sink && status < 400 ? await hand(body, wire.sink) : await readText(body, limit);
      return { status, headers: flatten(headers), text };
    } catch (error) {
      if (error instanceof SinkError) throw error.cause;
      if (error instanceof TooLate) throw new NotSent('the time for this request is over');
      if (wire.signal?.aborted === true) throw wire.signal.reason;
      const host = new URL(url).host;
      const code = codeOf(error);
      if (BEFORE_SENDING.has(code)) throw new NotSent(`${host} cannot be reached (${code})`);
      throw new NoAnswer(`${host} gave no whole answer (${code})`);
    }
  };
}

class TooLate extends Error {
  override name = 'TooLate';
}

/** What the taker of a stream threw: no failure of the transport. */
class SinkError extends Error {
  override name = 'SinkError';
}

/** What of a body is handed to the connection at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * With `notAfter` the body is handed over only when the connection takes it, and not after that time. A timer would not
 * do: it stands still while the process is paused, and a request that waited for its connection would go out on waking.
 * In pieces, so that one that was paused halfway stays half: a request without its end is never carried out.
 */
function contentOf({ headers, body, notAfter }: WireRequest) {
  if (notAfter === undefined || body === undefined) return { headers: { ...headers }, body: body ?? null };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const inTime = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at === 0 || at < bytes.byteLength; at += PIECE_BYTES) {
      if (performance.now() > notAfter) throw new TooLate();
      yield bytes.subarray(at, at + PIECE_BYTES);
    }
  };
  return {
    headers: { ...headers, 'content-length': String(bytes.byteLength) },
    body: Readable.from(inTime(), { objectMode: false }),
  };
}

function processAgent(): Dispatcher {
  sharedAgent ??= outgoing({ connections: 256, keepAliveTimeout: 30_000, connect: { timeout: 10_000 } });
  return sharedAgent;
}

async function hand(body: AsyncIterable<unknown>, sink: Sink): Promise<string> {
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    try {
      sink(chunk);
    } catch (error) {
      throw new SinkError('a stream was not taken', { cause: error });
    }
  }
  return '';
}

async function readText(body: AsyncIterable<unknown>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    length += chunk.byteLength;
    if (length > limit) throw new RangeError(`answer larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
