/** Liveness: this process takes requests. Nothing else is asked: a portal whose database is away must not be killed for it. */
export function GET(): Response {
  return new Response('alive\n', { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } });
}

export const dynamic = 'force-dynamic';
