/**
 * Microsoft Graph as one tenant's application sees it, over Microsoft's own client.
 *
 * The chain is built by hand and holds no RetryHandler: the client's default one repeats a create that answered 503 or
 * 504, and a create that "failed" so may have happened. Who repeats what is decided by the callers, who know. The one
 * repetition here is after a 401, which never did anything.
 */
import { randomUUID } from 'node:crypto';
import {
  AuthenticationHandler,
  Client,
  GraphError as ClientError,
  type Context,
  type Middleware,
  ResponseType,
} from '@microsoft/microsoft-graph-client';
import { z } from 'zod';
import type { AppTokens } from './app-token.ts';
import type { MicrosoftHosts } from './clouds.ts';
import {
  errorOfAnswer,
  errorOfUnreadableAnswer,
  errorWithoutAnswer,
  type GraphAnswer,
  GraphError,
} from './graph-errors.ts';
import { NoAnswer, NotSent, type Transport, type WireAnswer } from './transport.ts';

export type GraphMethod = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface GraphRequest {
  readonly method: GraphMethod;
  /** path and query below the version, already encoded: `/users/{id}/mailFolders?$top=1` */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** a JSON value, or `json` where the caller has it serialized already */
  readonly body?: unknown;
  /** the serialized JSON body; wins over `body`, goes out unchanged */
  readonly json?: string;
}

export interface BatchRequest extends GraphRequest {
  /** unique in its batch */
  readonly id: string;
}

export interface BatchAnswer extends GraphAnswer {
  readonly id: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** `performance.now()` after which nothing is sent any more, also where this process was paused meanwhile */
  readonly notAfter?: number | undefined;
  /**
   * asked when a request is about to leave, after it waited for its token: what it throws comes out as it is, and nothing is
   * sent
   */
  readonly beforeSending?: (() => void) | undefined;
}

/** A contiguous part of a file on its way into an upload session. */
export interface UploadRange {
  /** at most 4 MB */
  readonly bytes: Uint8Array;
  /** offset of the first byte */
  readonly from: number;
  /** of the whole file */
  readonly total: number;
}

export interface Graph {
  readonly tenantId: string;
  /** @throws GraphError for every status of 400 and more and for an answer that never came; AppTokenError */
  request(request: GraphRequest, options?: CallOptions): Promise<GraphAnswer>;
  /**
   * At most 20 requests in one `$batch`. The answers come in the order of the requests, each with its own status, raw:
   * `errorOfAnswer` says what one means. A request that Graph left out of its answer throws for the whole batch.
   *
   * @throws GraphError for the batch as a whole (`inDoubt` where it held a write that may have happened); AppTokenError
   */
  batch(requests: readonly BatchRequest[], options?: CallOptions): Promise<readonly BatchAnswer[]>;
  /** PUT to the pre-authorized address of an upload session, without our token. @throws GraphError */
  upload(uploadUrl: string, range: UploadRange, options?: CallOptions): Promise<GraphAnswer>;
}

/**
 * What became of a request, for whoever counts.
 *
 * @param method `BATCH` for a `$batch` as a whole, beside which each of its requests is told
 * @param status 0 where no answer came
 */
export type GraphObserver = (
  method: GraphMethod | 'BATCH',
  status: number,
  headers: Readonly<Record<string, string>>,
) => void;

export interface GraphSettings {
  readonly hosts: MicrosoftHosts;
  readonly tokens: AppTokens;
  readonly tenantId: string;
  readonly transport: Transport;
  /** the API's version, default `v1.0` */
  readonly version?: 'v1.0' | 'beta';
  readonly observe?: GraphObserver | undefined;
}

/** Ids that stay the same when a user moves a message to another folder. On every call, or ids of two kinds mix. */
const IMMUTABLE_IDS = 'IdType="ImmutableId"';
const MAX_BATCH = 20;
const BATCH_URL = '/$batch';

const batchAnswerSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number().int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown(),
    }),
  ),
});

export function createGraph(settings: GraphSettings): Graph {
  const { hosts, tokens, tenantId, transport, observe = () => {} } = settings;
  const send = sendThrough(transport);
  const client = Client.initWithMiddleware({
    baseUrl: `${hosts.graphUrl}/`,
    defaultVersion: settings.version ?? 'v1.0',
    customHosts: new Set([new URL(hosts.graphUrl).hostname]),
    middleware: [
      new AuthenticationHandler({ getAccessToken: async () => (await tokens.token(tenantId)).accessToken }),
      send,
    ],
  });

  async function observed(request: GraphRequest, options: CallOptions): Promise<GraphAnswer> {
    const method = request.url === BATCH_URL ? 'BATCH' : request.method;
    try {
      const answer = await once(client, request, options);
      observe(method, answer.status, answer.headers);
      return answer;
    } catch (error) {
      observe(method, 0, {});
      throw error;
    }
  }

  async function exchange(request: GraphRequest, options: CallOptions): Promise<GraphAnswer> {
    // The token first: inside the chain its failure would come out as one of the client's own, without its reason.
    await tokens.token(tenantId);
    options.beforeSending?.();
    let answer = await observed(request, options);
    if (answer.status === 401) {
      await tokens.token(tenantId, { fresh: true });
      options.beforeSending?.();
      answer = await observed(request, options);
    }
    const error = errorOfAnswer(answer, request.method, new Date());
    if (error !== null) throw error;
    return answer;
  }

  return {
    tenantId,
    request: (request, options = {}) => exchange(request, options),

    async batch(requests, options = {}) {
      if (requests.length === 0) return [];
      if (requests.length > MAX_BATCH) throw new RangeError(`a batch holds at most ${MAX_BATCH} requests`);
      const writes = requests.some(({ method }) => method !== 'GET');
      // A batch is a POST whatever it holds; what it holds decides whether its loss leaves a doubt.
      const answer = await exchange({ method: 'POST', url: BATCH_URL, json: batchJson(requests) }, options).catch(
        (error: unknown) => {
          throw error instanceof GraphError && !writes ? withoutDoubt(error) : error;
        },
      );
      const parsed = batchAnswerSchema.safeParse(answer.body);
      const byId = new Map(parsed.data?.responses.map((response) => [response.id, response]));
      return requests.map(({ id, method }) => {
        const response = byId.get(id);
        if (response === undefined) throw errorOfUnreadableAnswer(answer.status, writes ? 'POST' : 'GET');
        const headers = lowerCased(response.headers ?? {});
        observe(method, response.status, headers);
        return { id, status: response.status, headers, body: response.body };
      });
    },

    async upload(uploadUrl, { bytes, from, total }, { signal, notAfter, beforeSending } = {}) {
      beforeSending?.();
      const headers = {
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${from}-${from + bytes.byteLength - 1}/${total}`,
      };
      const answer = await transport(uploadUrl, { method: 'PUT', headers, body: bytes, signal, notAfter }).then(
        answerOf,
        (error: unknown) => {
          observe('PUT', 0, {});
          throw transportError(error, 'PUT');
        },
      );
      observe('PUT', answer.status, answer.headers);
      const error = errorOfAnswer(answer, 'PUT', new Date());
      if (error !== null) throw error;
      return answer;
    },
  };
}

/** The body of a `$batch`, each request with the headers that every call carries. */
export function batchJson(requests: readonly BatchRequest[]): string {
  const parts = requests.map((request) => {
    const json = jsonOf(request);
    const headers = {
      prefer: IMMUTABLE_IDS,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    };
    const head = JSON.stringify({ id: request.id, method: request.method, url: request.url, headers });
    // Bodies are put in as they are: messages with attachments are megabytes, and were serialized to be measured.
    return json === undefined ? head : `${head.slice(0, -1)},"body":${json}}`;
  });
  return `{"requests":[${parts.join(',')}]}`;
}

async function once(client: Client, request: GraphRequest, { signal, notAfter }: CallOptions): Promise<GraphAnswer> {
  const call = client
    .api(request.url)
    .responseType(ResponseType.RAW)
    .headers({ prefer: IMMUTABLE_IDS, 'client-request-id': randomUUID(), ...request.headers });
  if (signal !== undefined) call.option('signal', signal);
  if (notAfter !== undefined) call.option('notAfter', notAfter);
  const json = jsonOf(request);
  let response: unknown;
  try {
    switch (request.method) {
      case 'GET':
        response = await call.get();
        break;
      case 'POST':
        response = await call.post(json ?? '');
        break;
      case 'PATCH':
        response = await call.patch(json ?? '');
        break;
      case 'PUT':
        response = await call.put(json ?? '');
        break;
      case 'DELETE':
        response = await call.delete();
        break;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw transportError(error, request.method);
  }
  const answer = response instanceof Response ? received.get(response) : undefined;
  if (answer === undefined) throw errorOfUnreadableAnswer(0, request.method);
  return answerOf(answer);
}

/** What a response of the chain came from: its text need not become a stream and a text again. */
const received = new WeakMap<Response, WireAnswer>();

/** What the client hands through to the end of its chain. */
type SendOptions = NonNullable<Context['options']> & { readonly notAfter?: number };

/** The end of the chain: our transport in the place of the client's own, which has no time-outs and no pool. */
function sendThrough(transport: Transport): Middleware {
  return {
    async execute(context) {
      const options: SendOptions = context.options ?? {};
      const { method = 'GET', headers, body, signal, notAfter } = options;
      const url = typeof context.request === 'string' ? context.request : context.request.url;
      const answer = await transport(url, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        body: typeof body === 'string' && body !== '' ? body : undefined,
        signal: signal ?? undefined,
        notAfter,
      });
      context.response = new Response(null, { status: answer.status, headers: { ...answer.headers } });
      received.set(context.response, answer);
    },
  };
}

function jsonOf(request: GraphRequest): string | undefined {
  if (request.json !== undefined) return request.json;
  return request.body === undefined ? undefined : JSON.stringify(request.body);
}

function answerOf(answer: WireAnswer): GraphAnswer {
  return { status: answer.status, headers: answer.headers, body: parsed(answer.text) };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The client wraps what its chain throws and keeps the name of the error as `code`. */
function transportError(error: unknown, method: GraphMethod): unknown {
  if (error instanceof NotSent || error instanceof NoAnswer)
    return errorWithoutAnswer(error.message, method, error instanceof NoAnswer);
  if (!(error instanceof ClientError)) return error;
  return errorWithoutAnswer(error.message, method, error.code !== 'NotSent');
}

function withoutDoubt(error: GraphError): GraphError {
  const { failure, status, code, retryAfterSeconds, requestId } = error;
  return new GraphError({ failure, status, code, retryAfterSeconds, requestId, inDoubt: false }, error.message);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
