import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { sourceStatusParts } from '#lib/connectors/portal-parts.ts';
import { sourceStatus } from '#lib/connectors/source-status.ts';

export const dynamic = 'force-dynamic';

/** Longest that somebody waits for TeleMessage in front of a page. */
const PATIENCE_MS = 15_000;

/** *Connector status with source*. 200 also where the source could not be asked: the answer says why. */
export async function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const actor = await authorized('connectors.read');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  if (!z.guid().safeParse(id).success) return new Response(null, { status: 404 });
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const answer = await sourceStatus(sourceStatusParts(), actor, id, signal);
  if (answer === null) return new Response(null, { status: 404 });
  return Response.json(answer, { headers: { 'cache-control': 'no-store' } });
}
