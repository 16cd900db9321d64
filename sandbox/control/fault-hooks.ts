/** Carries faults out around the routes of a server, whatever the routes do. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, FaultRegistry, ServiceName } from './faults.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** the fault that strikes this request, for handlers that carry it out themselves */
    sandboxFault?: Fault | undefined;
    /** whether the answer is that of a fault rule, not the service's own */
    sandboxRefusedByRule?: boolean;
  }
}

/** A refusal in the words of the service. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface FaultHooks {
  readonly service: ServiceName;
  readonly faults: FaultRegistry;
  readonly refusal: (fault: { status: number; code: string; retryAfter?: number }, request: FastifyRequest) => Refusal;
}

/** Adds the hooks to `server` and all that is registered on it later. */
export function installFaults(server: FastifyInstance, hooks: FaultHooks): void {
  server.decorateRequest('sandboxFault', undefined);
  server.decorateRequest('sandboxRefusedByRule', false);
  server.addHook('preHandler', async (request, reply) => {
    const [path = ''] = (request.raw.url ?? '').split('?');
    const fault = hooks.faults.strike({ service: hooks.service, method: request.method, path });
    request.sandboxFault = fault;
    if (fault) await before(fault, hooks, request, reply);
  });
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.sandboxFault) await after(request.sandboxFault, reply, payload);
    return payload;
  });
}

async function before(fault: Fault, hooks: FaultHooks, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (fault.kind === 'refuse') await refuse(hooks, { status: fault.status, code: fault.code }, request, reply);
  if (fault.kind === 'throttle') {
    await refuse(hooks, { status: 429, code: 'ApplicationThrottled', retryAfter: fault.retryAfter }, request, reply);
  }
  if (fault.kind === 'delay') await sleep(fault.ms);
  if (fault.kind === 'reset-before') {
    reply.hijack();
    request.raw.socket.destroy();
  }
  if (fault.kind === 'commit-late') {
    // the handler runs although nobody listens any more: that is the point
    request.raw.socket.destroy();
    await sleep(fault.ms);
  }
}

async function after(fault: Fault, reply: FastifyReply, payload: unknown): Promise<void> {
  const { socket } = reply.raw;
  if (!socket) return;
  if (fault.kind === 'reset-after') socket.destroy();
  if (fault.kind === 'answer-late') await sleep(fault.ms);
  if (fault.kind === 'no-answer' && !socket.destroyed) await once(socket, 'close');
  if (fault.kind === 'truncate' && (typeof payload === 'string' || Buffer.isBuffer(payload))) {
    const whole = Buffer.from(payload);
    reply.raw.writeHead(reply.statusCode, { ...plainHeaders(reply), 'content-length': whole.length });
    await new Promise<void>((resolve) => {
      reply.raw.write(whole.subarray(0, Math.floor(whole.length / 2)), () => resolve());
    });
    socket.destroy();
  }
}

async function refuse(
  hooks: FaultHooks,
  fault: { status: number; code: string; retryAfter?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  request.sandboxFault = undefined;
  request.sandboxRefusedByRule = true;
  const refusal = hooks.refusal(fault, request);
  const retryAfter = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  await reply
    .code(refusal.status)
    .headers({ ...refusal.headers, ...retryAfter })
    .send(refusal.body);
}

function plainHeaders(reply: FastifyReply): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined && name !== 'content-length')
      headers[name] = typeof value === 'number' ? String(value) : value;
  }
  return headers;
}
