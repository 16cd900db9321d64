import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { validateParts } from '#lib/connectors/portal-parts.ts';
import { validateConnection } from '#lib/connectors/validate.ts';
import type { ConnectionTest } from '#lib/connectors/validation-answer.ts';
import { env } from '#lib/env.ts';

export const dynamic = 'force-dynamic';

/** *Validate connection*: a line of JSON for each test, as soon as it is over. Leaving the page ends it. */
export async function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  if (!fromOurPage(request.headers, env().NEXTAUTH_URL)) return new Response(null, { status: 403 });
  const actor = await authorized('connectors.manage');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  if (!z.guid().safeParse(id).success) return new Response(null, { status: 404 });
  const tests = await validateConnection(validateParts(), actor, id, request.signal);
  if (tests === null) return new Response(null, { status: 404 });
  return new Response(lines(tests), {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      // Neither stored, nor held back by a proxy on the way: a line is shown when it is there.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

/** A test is begun when the line before it was taken. */
function lines(tests: AsyncGenerator<ConnectionTest>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await tests.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(next.value)}\n`));
      },
      async cancel() {
        await tests.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
