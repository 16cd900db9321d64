/** What becomes of a request to a simulated Graph, and what it says where it does not do what it was asked for. */
import type { WireAnswer } from '#lib/microsoft/transport.ts';
import { type Reply, refusal } from './mailbox.ts';
import type { Random } from './random.ts';
import type { GraphWeather } from './weather.ts';

export type Fate = 'ok' | 'throttled' | 'gateway' | 'reset' | 'hang' | 'unreadable' | 'refused' | 'slow';

/** One draw for a request. @param path below the version */
export function fateOf(weather: GraphWeather, random: Random, path: string): Fate {
  let left = random.next();
  const met = (probability: number): boolean => {
    left -= probability;
    return left < 0;
  };
  if (met(weather.throttled)) return 'throttled';
  if (met(weather.gateway)) return 'gateway';
  if (met(weather.reset)) return 'reset';
  if (met(weather.hang)) return 'hang';
  if (met(weather.unreadable)) return 'unreadable';
  if (met(weather.slow)) return 'slow';
  return path === '/$batch' && met(weather.batchRefused) ? 'refused' : 'ok';
}

/** The largest wait that is asked for, in seconds. */
const LONGEST_WAIT_SECONDS = 300;

/** More requests to one mailbox than it takes. */
export const TOO_MANY_AT_ONCE: Reply = refusal(429, 'ApplicationThrottled', { 'retry-after': '1' });

/** Refused at the door: nothing has happened. */
export function throttled(random: Random): Reply {
  const headers = { 'retry-after': String(Math.ceil(random.skewed(1, LONGEST_WAIT_SECONDS))) };
  return random.chance(0.7)
    ? refusal(429, 'ApplicationThrottled', headers)
    : refusal(503, 'ServiceUnavailable', headers);
}

/** Whoever says this does not know what has happened. */
export function gatewayFails(random: Random): Reply {
  return refusal(random.pick([500, 502, 503, 504]), 'UnknownError');
}

export function wireOf({ status, headers = {}, body }: Reply): WireAnswer {
  return { status, headers, text: body === undefined ? '' : JSON.stringify(body) };
}
