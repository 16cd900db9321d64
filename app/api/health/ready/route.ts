/**
 * Readiness: the database answers, without which no page does. Redis is not asked: without it pages are served, only
 * not live, and what is ordered is found by the reconciler.
 */
import { database } from '#lib/db.ts';
import { readiness } from '#lib/readiness.ts';

const ready = readiness(() => database().pool.query('SELECT 1'));

export async function GET(): Promise<Response> {
  const answers = await ready();
  return new Response(answers ? 'ready\n' : 'PostgreSQL does not answer\n', {
    status: answers ? 200 : 503,
    headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
  });
}

export const dynamic = 'force-dynamic';
