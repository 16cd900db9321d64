/**
 * The HTTP side of the TeleMessage archive feed: one request, one answer, every failure a `SourceError`.
 *
 * Knows nothing of sessions (`session.ts`) or of what the answers are for (`sign-in.ts`, `registration.ts`,
 * `source.ts`). Redirects are not followed: a bearer token goes to the configured host or nowhere.
 */
import { type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { tracedRequest } from '#lib/tracing/requests.ts';
import { outgoing } from '../../outgoing.ts';
import { SourceError } from '../source.ts';
import { refusal } from './refusals.ts';

export interface TeleMessageEndpoint {
  /** `https://…`; plain http only on loopback */
  readonly baseUrl: string;
  /** connection pool; one for the process where none is given */
  readonly dispatcher?: Dispatcher;
  /** milliseconds until the headers of an answer must be there, default 60,000 */
  readonly headersTimeoutMs?: number;
  /** milliseconds of silence after which a body counts as broken off, default 30,000 */
  readonly bodyTimeoutMs?: number;
  /** largest JSON answer in bytes, default 64 MiB */
  readonly maxAnswerBytes?: number;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** path and query below the base URL, already encoded */
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is still on the wire. The caller reads or destroys it. */
export type OpenAnswer = Dispatcher.ResponseData;

const DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

let sharedAgent: Dispatcher | undefined;

/**
 * Sends the call and gives the answer with its body unread. Status codes of 400 and more throw.
 *
 * @throws SourceError, SessionExpired, or the signal's reason where the caller aborted
 */
export async function open(endpoint: TeleMessageEndpoint, call: Call): Promise<OpenAnswer> {
  const url = urlOf(endpoint.baseUrl, call.path);
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
  if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  let answer: OpenAnswer;
  try {
    answer = await tracedRequest(call.method, url, () =>
      request(url, {
        method: call.method,
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: call.signal ?? null,
        dispatcher: endpoint.dispatcher ?? processAgent(),
        headersTimeout: endpoint.headersTimeoutMs ?? 60_000,
        bodyTimeout: endpoint.bodyTimeoutMs ?? 30_000,
      }),
    );
  } catch (error) {
    throw unreachable(url, error, call.signal);
  }
  if (answer.statusCode < 300) return answer;
  if (answer.statusCode < 400) {
    await answer.body.dump();
    throw new SourceError('bad_answer', `TeleMessage at ${url.host} answered with a redirect, which is not followed`);
  }
  throw refusal(answer.statusCode, await refusalBody(answer), headerOf(answer, 'retry-after'), new Date());
}

/**
 * Sends the call and gives the validated answer.
 *
 * @throws as `open`, and SourceError: `answer_too_large`, or `bad_answer` for one that is no JSON or of another shape
 */
export async function callJson<T extends z.ZodType>(
  endpoint: TeleMessageEndpoint,
  call: Call,
  schema: T,
): Promise<z.infer<T>> {
  const answer = await open(endpoint, call);
  const text = await readText(
    answer,
    endpoint.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
    urlOf(endpoint.baseUrl, '/'),
    call.signal,
  );
  const value = parseJson(text);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Field names only: the values may be content of messages.
  const where = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].slice(0, 5).join(', ');
  throw new SourceError(
    'bad_answer',
    `TeleMessage's answer does not have the agreed shape (at ${where || 'its top level'})`,
  );
}

/** First value of a header, null where absent. */
export function headerOf(answer: OpenAnswer, name: string): string | null {
  const value = answer.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Wraps a failure of the connection. An abort by the caller stays what it is: it is no failure of the source. */
export function unreachable(url: URL, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  return new SourceError('unreachable', `TeleMessage at ${url.host} cannot be reached (${codeOf(error)})`);
}

/** @throws SourceError('bad_answer') where the configured address may not be used */
export function urlOf(baseUrl: string, path: string): URL {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const loopback = base !== null && ['localhost', '127.0.0.1', '[::1]'].includes(base.hostname);
  if (base === null || !(base.protocol === 'https:' || (base.protocol === 'http:' && loopback))) {
    throw new SourceError('bad_answer', 'The address of TeleMessage must begin with https://');
  }
  return new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base);
}

function processAgent(): Dispatcher {
  sharedAgent ??= outgoing({ connections: 32, keepAliveTimeout: 30_000, connect: { timeout: 10_000 } });
  return sharedAgent;
}

async function refusalBody(answer: OpenAnswer): Promise<unknown> {
  try {
    return parseJson(await readText(answer, MAX_REFUSAL_BYTES, null, undefined));
  } catch {
    return undefined; // the status alone decides then
  }
}

async function readText(
  answer: OpenAnswer,
  limit: number,
  url: URL | null,
  signal: AbortSignal | undefined,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      if (!(chunk instanceof Uint8Array)) continue;
      length += chunk.byteLength;
      if (length > limit)
        throw new SourceError('answer_too_large', `TeleMessage's answer is larger than ${limit} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SourceError || url === null) throw error;
    throw unreachable(url, error, signal);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Neither the parser's message nor a piece of the text: both would quote content.
    throw new SourceError('bad_answer', 'TeleMessage answered with something that is not JSON');
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
