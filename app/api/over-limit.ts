/** What a route answers to who asked too often. */
import { callerAddress } from '#app/authentication.ts';
import { limits } from '#lib/limits/composition.ts';
import type { LimitName, Taken, TooManyRequests } from '#lib/limits/limits.ts';
import { addressBlock } from '#lib/security/client-address.ts';

/** Counts one. @returns null: go on; else 429 with `{kind: 'too_many', retryAfterSeconds}` (`components/frame/too-many.ts`) */
export async function overLimit(name: LimitName, ...by: readonly string[]): Promise<Response | null> {
  return refusalOf(await limits().take(name, ...by));
}

/** The same, by where the request comes from. */
export async function overLimitOfCaller(name: LimitName): Promise<Response | null> {
  return overLimit(name, addressBlock((await callerAddress()) ?? 'unknown'));
}

function refusalOf(taken: Taken): Response | null {
  if (taken.allowed) return null;
  const body: TooManyRequests = { kind: 'too_many', retryAfterSeconds: taken.retryAfterSeconds };
  const headers = { 'retry-after': String(taken.retryAfterSeconds), 'cache-control': 'no-store' };
  return Response.json(body, { status: 429, headers });
}
