/**
 * Readiness: the database answers, without which no page does, and its schema is one that this version lives with. Redis is
 * not asked: without it pages are served, only not live, and what is ordered is found by the reconciler.
 */
import { database } from '#lib/db.ts';
import { readiness } from '#lib/readiness.ts';
import { STANDING_WORDS, schemaStanding } from '#lib/schema/admit.ts';

const ready = readiness(() => schemaStanding(database().pool));

export async function GET(): Promise<Response> {
  const standing = await ready();
  return new Response(`${standing === null ? 'PostgreSQL does not answer' : STANDING_WORDS[standing]}\n`, {
    status: standing === 'fits' ? 200 : 503,
    headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
  });
}

export const dynamic = 'force-dynamic';
