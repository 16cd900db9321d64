/**
 * Graph without HTTP: one request in, one answer out, throttled, delayed and broken as asked. Requests inside a batch
 * come through here one by one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../control/fault.ts';
import type { FaultRegistry, Strike } from '../control/faults.ts';
import { findPerson } from '../world/tenants.ts';
import type { GraphContext } from './context.ts';
import { errorBody, GraphError } from './errors.ts';
import { attachmentId, immutableMessageId } from './ids.ts';
import { Latency } from './latency.ts';
import { mailboxOf, userOf } from './paths.ts';
import { appKey, type GraphRequest, type GraphResponse } from './request.ts';
import { ownerOf } from './request-owner.ts';
import { route } from './routes.ts';
import { ruledRefusal } from './ruled-refusal.ts';
import { LONG_ENOUGH_MS, type RequestKind, ShortestTime } from './shortest-time.ts';
import type { Throttle } from './throttle.ts';
import type { UploadSession } from './upload-sessions.ts';

export interface Ids {
  readonly requestId: string;
  readonly clientRequestId: string;
}

/** The token that a batch was sent with, which can end before all of its requests are answered. */
export interface BatchToken {
  /** false when it has ended already */
  readonly end: () => boolean;
  /** @throws {GraphError} 401 once it has ended */
  readonly refuseEnded: () => void;
}

export class GraphService {
  readonly context: GraphContext;
  readonly #throttle: Throttle;
  readonly #faults: FaultRegistry;
  readonly #latency = new Latency();
  readonly #mailboxTime = new ShortestTime();

  constructor(context: GraphContext, throttle: Throttle, faults: FaultRegistry) {
    this.context = context;
    this.#throttle = throttle;
    this.#faults = faults;
  }

  /** Answers a request; a refusal is an answer too. */
  async answer(request: GraphRequest, ids: Ids, kind: RequestKind = 'single'): Promise<GraphResponse> {
    try {
      return await this.#throttled(request, kind);
    } catch (error) {
      return this.refusal(error, ids);
    }
  }

  /** Answers a request of a batch, which faults strike by its own route. */
  async answerInBatch(request: GraphRequest, ids: Ids, token: BatchToken): Promise<GraphResponse> {
    const strike = this.#strike(request);
    const fault = strike?.fault;
    if (fault?.kind === 'expire' && !token.end()) strike?.forgive();
    try {
      token.refuseEnded();
    } catch (error) {
      return this.refusal(error, ids);
    }
    const before = fault && (await this.#before(fault, request, ids));
    if (before) return before;
    if (fault?.kind === 'duplicate' && (await this.answer(request, ids, 'inBatch')).status >= 400) strike?.forgive();
    const response = await this.answer(request, ids, 'inBatch');
    return (fault && (await this.#after(fault, ids))) ?? response;
  }

  /** An error as Graph's answer; what is no GraphError is a fault of the sandbox and says so. */
  refusal(error: unknown, ids: Ids): GraphResponse {
    const known =
      error instanceof GraphError
        ? error
        : new GraphError(
            500,
            'InternalServerError',
            `The sandbox failed: ${error instanceof Error ? error.message : 'unknown error'}`,
          );
    return {
      status: known.status,
      headers: known.headers,
      body: errorBody(known.code, known.message, { ...ids, now: this.context.clock() }),
    };
  }

  /**
   * Counts the bytes of an upload against its mailbox, and nothing else.
   * @throws {GraphError} 429
   */
  countUpload(session: UploadSession, bytes: number): void {
    const now = this.context.clock().getTime();
    this.#throttle.upload({ app: session.app, mailbox: session.owner, bytes, now });
  }

  /** Where an uploaded attachment is to be found. */
  attachmentUrl(user: string, message: number, attachment: number): string {
    const path = `users/${user}/messages/${immutableMessageId(message)}/attachments/${attachmentId(message, attachment)}`;
    return `${this.context.baseUrl()}/v1.0/${path}`;
  }

  #strike(request: GraphRequest): Strike | undefined {
    if (this.#faults.isEmpty()) return undefined;
    const { method, version, segments, caller } = request;
    const user = this.#faults.asksMailbox() ? userOf(segments, caller.user?.id) : undefined;
    const mailbox = user === undefined ? undefined : ownerOf(this.context.tenants, user);
    return this.#faults.strike({ service: 'graph', method, path: `/${[version, ...segments].join('/')}`, mailbox });
  }

  async #throttled(request: GraphRequest, kind: RequestKind): Promise<GraphResponse> {
    const user = mailboxOf(request.segments, request.caller);
    // whom nobody knows has no mailbox: names that are made up count for the app, as all of its requests do
    const mailbox = user === undefined ? undefined : findPerson(request.caller.tenant, user)?.id;
    const leave = this.#throttle.enter({
      app: appKey(request.caller),
      mailbox,
      bytes: request.method === 'GET' ? 0 : request.bodyBytes,
      now: this.context.clock().getTime(),
    });
    const { latencyMs } = this.context.limits;
    try {
      await this.#latency.passed(latencyMs);
      return await route(this.context, request);
    } finally {
      if (mailbox !== undefined && latencyMs < LONG_ENOUGH_MS) await this.#mailboxTime.passed(kind);
      leave();
    }
  }

  /** The answer of a fault that strikes before anything is done; undefined lets the request go on. */
  async #before(fault: Fault, request: GraphRequest, ids: Ids): Promise<GraphResponse | undefined> {
    switch (fault.kind) {
      case 'refuse':
      case 'throttle':
        return this.refusal(ruledRefusal(fault), ids);
      case 'commit-late':
        setTimeout(() => void this.answer(request, ids), fault.ms).unref();
        return this.refusal(gatewayTimeout(), ids);
      case 'reset-before':
        return this.refusal(gatewayTimeout(), ids);
      case 'delay':
        await sleep(fault.ms);
        return undefined;
      default:
        return undefined;
    }
  }

  /** The answer that stands in for the true one; a batch has no connection of its own to cut, so it says 504. */
  async #after(fault: Fault, ids: Ids): Promise<GraphResponse | undefined> {
    if (fault.kind === 'answer-late') await sleep(fault.ms);
    return LOST.has(fault.kind) ? this.refusal(gatewayTimeout(), ids) : undefined;
  }
}

/** kinds of fault by which an answer never comes, or not as a whole */
const LOST: ReadonlySet<Fault['kind']> = new Set(['reset-after', 'no-answer', 'truncate', 'stall']);

function gatewayTimeout(): GraphError {
  return new GraphError(504, 'UnknownError', 'The gateway did not receive a timely answer.');
}
