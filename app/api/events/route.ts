import type { NextRequest } from 'next/server';
import { authorized } from '#app/api/authorized.ts';
import { eventStream } from '#lib/connectors/event-stream.ts';
import { processClosing, processLiveHub } from '#lib/connectors/live-process.ts';
import { readFingerprints } from '#lib/connectors/row-buckets.ts';

export const dynamic = 'force-dynamic';

/**
 * The live view as server-sent events. A page names the person it was made for: after somebody else has signed in, the
 * former person's pages get 409 instead of the new person's connectors.
 */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await authorized('connectors.read');
  if (actor instanceof Response) return actor;
  if (request.nextUrl.searchParams.get('person') !== actor.userId) return new Response(null, { status: 409 });
  const known = readFingerprints(request.nextUrl.searchParams.get('known'));
  const signal = AbortSignal.any([request.signal, processClosing()]);
  return new Response(eventStream(processLiveHub(), actor, known, signal), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Neither stored, nor compressed, nor held back by a proxy on the way.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
