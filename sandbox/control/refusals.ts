/** How each service words what a fault rule refuses. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../composition.ts';
import { entraErrorBody, entraErrors } from '../entra/errors.ts';
import { errorPage, pageHeaders } from '../entra/pages.ts';
import { errorBody } from '../graph/errors.ts';
import { ruledRefusal } from '../graph/ruled-refusal.ts';
import { resultCodeOf } from '../telemessage/refusal.ts';
import { REFUSED_BY_RULE } from './fault.ts';
import type { FaultHooks, RefusingFault } from './fault-hooks.ts';

type Refuse = FaultHooks['refusal'];

/** Graph: an error object, and the ids that every answer carries. */
export function graphRefusal(clock: Clock): Refuse {
  return (fault, request) => {
    const requestId = randomUUID();
    const sent = request.headers['client-request-id'];
    const clientRequestId = typeof sent === 'string' ? sent : requestId;
    const { status, code, message, headers } = ruledRefusal(fault);
    return {
      status,
      headers: { ...headers, 'request-id': requestId, 'client-request-id': clientRequestId },
      body: errorBody(code, message, { requestId, clientRequestId, now: clock() }),
    };
  };
}

/** Entra ID's endpoints for programs. */
export function entraRefusal(clock: Clock): Refuse {
  return (fault, request) => {
    const sent = request.headers['client-request-id'];
    return {
      status: stated(fault, '').status,
      body: entraErrorBody(entraError(fault), clock(), typeof sent === 'string' ? sent : undefined),
    };
  };
}

/** Entra ID's pages for browsers. */
export const entraPageRefusal: Refuse = (fault) => {
  const { status, code, message, error } = entraError(fault);
  return {
    status,
    headers: { ...pageHeaders },
    body: errorPage(undefined, fault.kind === 'throttle' ? `AADSTS${code}` : error, message),
  };
};

/** TeleMessage: the contract's error shape. */
export const telemessageRefusal: Refuse = (fault) => {
  const { status, code } = stated(fault, 'TOO_MANY_REQUESTS');
  return { status, body: { resultCode: resultCodeOf(code), resultDescription: code } };
};

function entraError(fault: RefusingFault) {
  return fault.kind === 'throttle'
    ? entraErrors.throttled()
    : entraErrors.other(fault.code, fault.status, REFUSED_BY_RULE);
}

function stated(fault: RefusingFault, throttled: string): { readonly status: number; readonly code: string } {
  return fault.kind === 'throttle' ? { status: 429, code: throttled } : fault;
}
