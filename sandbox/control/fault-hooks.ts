/** Carries faults out around the routes of a server, whatever the routes do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, ServiceName } from './fault.ts';
import type { FaultRegistry } from './faults.ts';
import { spoilAnswer } from './spoiled-answer.ts';

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
  /** text is sent as HTML, anything else as JSON */
  readonly body: unknown;
}

export type RefusingFault = Extract<Fault, { kind: 'refuse' | 'throttle' }>;

export interface FaultHooks {
  readonly service: ServiceName;
  readonly faults: FaultRegistry;
  readonly refusal: (fault: RefusingFault, request: FastifyRequest) => Refusal;
}

/** Adds the hooks to `server` and all that is registered on it later. */
export function installFaults(server: FastifyInstance, hooks: FaultHooks): void {
  server.decorateRequest('sandboxFault', undefined);
  server.decorateRequest('sandboxRefusedByRule', false);
  server.addHook('preHandler', async (request, reply) => {
    const [path = ''] = (request.raw.url ?? '').split('?');
    const fault = hooks.faults.strike({ service: hooks.service, method: request.method, path });
    request.sandboxFault = fault;
    if (fault) await carryOut(fault, hooks, request, reply);
  });
}

async function carryOut(fault: Fault, hooks: FaultHooks, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  switch (fault.kind) {
    case 'refuse':
    case 'throttle': {
      request.sandboxRefusedByRule = true;
      const { status, headers = {}, body } = hooks.refusal(fault, request);
      const retryAfter = fault.kind === 'throttle' ? { 'retry-after': String(fault.retryAfter) } : {};
      if (typeof body === 'string') void reply.type('text/html');
      await reply
        .code(status)
        .headers({ ...headers, ...retryAfter })
        .send(body);
      return;
    }
    case 'delay':
      await sleep(fault.ms);
      return;
    case 'reset-before':
      reply.hijack();
      request.raw.socket.destroy();
      return;
    case 'commit-late':
      // the handler runs although nobody listens any more: that is the point
      request.raw.socket.destroy();
      await sleep(fault.ms);
      return;
    default:
      spoilAnswer(reply.raw, fault);
  }
}
