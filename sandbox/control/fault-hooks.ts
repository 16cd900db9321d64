/** Carries faults out around the routes of a server, whatever the routes do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, FaultKind, ServiceName } from './fault.ts';
import type { FaultRegistry, Strike } from './faults.ts';
import { spoilAnswer } from './spoiled-answer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** the fault that strikes this request, for handlers that carry it out themselves */
    sandboxFault?: Fault | undefined;
    /** set by a handler when such a fault had its effect; otherwise the rule is not used up */
    sandboxFaultDone?: boolean;
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
  /** whose mailbox a request is about, as `FaultTarget` has it; a service without mailboxes leaves it out */
  readonly mailbox?: (request: FastifyRequest) => Promise<string | undefined>;
}

/** what handlers carry out, who alone know whether there was anything to do it to */
const BY_HANDLERS: ReadonlySet<FaultKind> = new Set(['duplicate', 'expire']);

/** Adds the hooks to `server` and all that is registered on it later. */
export function installFaults(server: FastifyInstance, hooks: FaultHooks): void {
  const strikes = new WeakMap<FastifyRequest, Strike>();
  server.decorateRequest('sandboxFault', undefined);
  server.decorateRequest('sandboxFaultDone', false);
  server.decorateRequest('sandboxRefusedByRule', false);
  server.addHook('preHandler', async (request, reply) => {
    const [path = ''] = (request.raw.url ?? '').split('?');
    const mailbox = hooks.faults.asksMailbox() ? await hooks.mailbox?.(request) : undefined;
    const strike = hooks.faults.strike({ service: hooks.service, method: request.method, path, mailbox });
    if (!strike) return;
    strikes.set(request, strike);
    request.sandboxFault = strike.fault;
    await carryOut(strike.fault, hooks, request, reply);
  });
  // before the answer is out, so that the next request finds the rule as it should be
  server.addHook('onSend', async (request) => {
    const strike = strikes.get(request);
    if (strike && BY_HANDLERS.has(strike.fault.kind) && !request.sandboxFaultDone) strike.forgive();
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
