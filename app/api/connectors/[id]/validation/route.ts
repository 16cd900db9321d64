import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { type FailedLine, jsonLines, newReference } from '#app/api/json-lines.ts';
import { overLimit } from '#app/api/over-limit.ts';
import { validateParts } from '#lib/connectors/portal-parts.ts';
import { validateConnection } from '#lib/connectors/validate.ts';
import { env } from '#lib/env.ts';
import { log } from '#lib/log.ts';

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
  const over = await overLimit('validation', actor.organizationId, id.toLowerCase());
  if (over !== null) return over;
  const onFailure = (error: unknown): FailedLine => {
    const reference = newReference();
    if (!request.signal.aborted) log().error({ reference, connectorId: id, err: error }, 'a validation failed');
    return { failed: { reference } };
  };
  let tests: Awaited<ReturnType<typeof validateConnection>>;
  try {
    tests = await validateConnection(validateParts(), actor, id, request.signal);
  } catch (error) {
    return Response.json(onFailure(error), { status: 500 });
  }
  if (tests === null) return new Response(null, { status: 404 });
  return new Response(jsonLines(tests, onFailure), {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      // Neither stored, nor held back by a proxy on the way: a line is shown when it is there.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
