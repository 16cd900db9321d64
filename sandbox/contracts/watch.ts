/**
 * For tests: stands between a service of the sandbox and whoever calls it, and holds every request and every answer
 * against the service's contract. Nothing is changed or refused on the way; what does not keep to the contract is noted.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Contract } from './contract.ts';

export interface Watched {
  /** how often each operation was checked: `GET /users/{user-id}`, and those inside a batch as `GET … in a batch` */
  readonly checked: ReadonlyMap<string, number>;
  /** what did not keep to the contract, a line each and each once, without the contents of messages */
  readonly violations: readonly string[];
}

export interface WatchOptions {
  readonly contract: Contract;
  /** what stands before the contract's paths: `/v1.0` */
  readonly base?: string;
  /** addresses that the contract leaves out, such as those of uploads */
  readonly outside?: (path: string) => boolean;
}

interface Exchange {
  readonly method: string;
  /** below the base, with the query */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
  /** names in lower case */
  readonly answerHeaders: Readonly<Record<string, unknown>>;
  /** a fault rule refused it: with whatever status the rule says, in the service's shape */
  readonly refusedByRule?: boolean;
  /** the client went before it was answered: what was said then is held against nothing */
  readonly unheard?: boolean;
  /** and before it had sent its body */
  readonly isCut?: boolean;
}

/** of what waits to be checked, which is held until then */
const MOST_WAITING_BYTES = 64 * 1_048_576;
const MOST_WAITING = 2_000;

/** what the services say of a fault of the sandbox itself, which has the shape of a refusal */
const failureShape = z.object({ error: z.object({ message: z.string().startsWith('The sandbox failed') }) });
const pageShape = z.looseObject({ '@odata.nextLink': z.string() });
const batchShape = z.object({
  requests: z.array(
    z.looseObject({
      id: z.string(),
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.unknown().optional(),
    }),
  ),
});
const batchAnswerShape = z.object({
  responses: z.array(
    z.looseObject({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.unknown()).default({}),
      body: z.unknown().optional(),
    }),
  ),
});

/** Watches all routes that are registered on `server` later, and hooks that are added later. */
export function watch(server: FastifyInstance, { contract, base = '', outside = () => false }: WatchOptions): Watched {
  const checked = new Map<string, number>();
  const violations = new Set<string>();
  /** addresses of next pages that were given out: a client follows them as they are */
  const nextPages = new Set<string>();

  const check = (exchange: Exchange, place: string): void => {
    const [path = '', query] = exchange.url.split('?');
    const operation = contract.find(exchange.method, path);
    if (operation === undefined) {
      violations.add(`${exchange.method} ${path}${place} is not in the contract`);
      return;
    }
    const name = `${operation.name}${place}`;
    checked.set(name, (checked.get(name) ?? 0) + 1);
    const {
      headers,
      body,
      status,
      answer,
      answerHeaders,
      refusedByRule = false,
      unheard = false,
      isCut = false,
    } = exchange;
    const request = {
      path,
      query: nextPages.has(exchange.url) ? undefined : new URLSearchParams(query),
      headers,
      body,
      isCut,
    };
    const ofTheRule = refusedByRule && !contract.knowsStatus(operation, status);
    const answerFaults = ofTheRule
      ? []
      : contract.answerFaults(operation, { status, headers: answerHeaders, body: answer });
    for (const fault of contract.requestFaults(operation, request)) violations.add(`${name} asked: ${fault}`);
    if (unheard) return;
    for (const fault of answerFaults) violations.add(`${name} answered ${status}: ${fault}`);
    if (failureShape.safeParse(answer).success) violations.add(`${name} answered ${status}: the sandbox failed`);
    const page = pageShape.safeParse(answer);
    if (page.success) nextPages.add(below(base, new URL(page.data['@odata.nextLink'])));
    for (const step of stepsOf(exchange)) check(step, ' in a batch');
  };

  /**
   * What is to be checked when somebody asks, or when much has come together: a service that checks while it answers
   * would be slower than the one it stands for.
   */
  let waiting: (() => void)[] = [];
  let waitingBytes = 0;
  const checkWaiting = (): void => {
    const due = waiting;
    [waiting, waitingBytes] = [[], 0];
    for (const one of due) one();
  };

  /** An answer that cannot be sent any more, because a fault cut the connection, comes through here again as an error. */
  const answered = new WeakSet<FastifyRequest>();
  server.addHook('onSend', async (request, reply, payload) => {
    const url = below(base, addressOf(request));
    if (outside(url) || answered.has(request)) return payload;
    answered.add(request);
    const { method, headers, sandboxRefusedByRule: refusedByRule = false } = request;
    const { statusCode: status } = reply;
    // a service may leave off what nobody waits for any longer
    const unheard = request.raw.socket.destroyed;
    const answerHeaders = { ...reply.getHeaders() };
    const type = String(answerHeaders['content-type'] ?? '');
    waiting.push(() => {
      check(
        {
          method,
          url,
          headers,
          body: bodyOf(request),
          status,
          answer: contentOf(payload, type),
          answerHeaders,
          refusedByRule,
          unheard,
          isCut: unheard && !request.raw.complete,
        },
        '',
      );
    });
    waitingBytes += sizeOf(request.body) + sizeOf(payload);
    if (waitingBytes > MOST_WAITING_BYTES || waiting.length >= MOST_WAITING) checkWaiting();
    return payload;
  });
  return {
    get checked() {
      checkWaiting();
      return checked;
    },
    get violations() {
      checkWaiting();
      return [...violations];
    },
  };
}

function sizeOf(content: unknown): number {
  return typeof content === 'string' || content instanceof Uint8Array ? content.length : 0;
}

/** The exchanges inside a batch that was answered. */
function stepsOf({ url, body, status, answer, answerHeaders }: Exchange): readonly Exchange[] {
  if (url !== '/$batch' || status !== 200) return [];
  const asked = batchShape.safeParse(body);
  const answered = batchAnswerShape.safeParse(answer);
  // what does not even have this shape is a fault of the batch itself
  if (!asked.success || !answered.success) return [];
  return answered.data.responses.flatMap((response) => {
    const step = asked.data.requests.find(({ id }) => id === response.id);
    if (step === undefined) return [];
    const path = step.url.startsWith('/') ? step.url : `/${step.url}`;
    return [
      {
        method: step.method,
        url: path,
        headers: lowerCase(step.headers),
        body: step.body,
        status: response.status,
        answer: response.body,
        // the ids of the batch are those of its steps
        answerHeaders: { ...answerHeaders, ...lowerCase(response.headers) },
      },
    ];
  });
}

function lowerCase(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Slashes that are doubled count once, as to the router; two at the beginning would name a host. */
function addressOf({ raw: { url = '/' } }: FastifyRequest): URL {
  const [path = '', query] = url.split(/\?(.*)/s);
  return new URL(`https://localhost${path.replaceAll(/\/{2,}/g, '/')}${query === undefined ? '' : `?${query}`}`);
}

function below(base: string, { pathname, search }: URL): string {
  const path = `${pathname}${search}`;
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}

function bodyOf({ body, headers }: FastifyRequest): unknown {
  const type = headers['content-type'] ?? '';
  return body instanceof Uint8Array ? contentOf(body, type) : (body ?? undefined);
}

/** Parsed where it is JSON; undefined where there is nothing, bytes in other cases. */
function contentOf(payload: unknown, type: string): unknown {
  if (payload === undefined || payload === null || payload === '') return undefined;
  if (payload instanceof Uint8Array && payload.length === 0) return undefined;
  const isText = typeof payload === 'string' || payload instanceof Uint8Array;
  if (!isText || !/^application\/json\b/i.test(type)) return new Uint8Array();
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return new Uint8Array();
  }
}
