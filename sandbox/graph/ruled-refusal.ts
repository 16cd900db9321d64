/** What Graph says where a fault rule refuses: for a throttled request, the limit that is met first. */
import { type Fault, REFUSED_BY_RULE } from '../control/fault.ts';
import { errors, GraphError } from './errors.ts';

export function ruledRefusal(fault: Extract<Fault, { kind: 'refuse' | 'throttle' }>): GraphError {
  return fault.kind === 'throttle'
    ? errors.throttled('MailboxConcurrency', fault.retryAfter)
    : new GraphError(fault.status, fault.code, REFUSED_BY_RULE);
}
