import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { csvDownload } from '#app/api/download.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { inTurn } from '#app/api/in-turn.ts';
import { receivedFile } from '#app/api/received-file.ts';
import { errorsCsv } from '#lib/connectors/mapping/use-cases.ts';
import { fileTurns, mappingParts } from '#lib/connectors/portal-parts.ts';
import { env } from '#lib/env.ts';

const querySchema = z.object({ size: z.coerce.number().int().nonnegative() });

/** A browser that takes nothing would keep others from their lists. */
const LONGEST_MS = 5 * 60_000;

/** Download errors: all of a file that is in the request's body, as CSV. Nothing is stored. JSON where it is refused as a whole. */
export async function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  if (!fromOurPage(request.headers, env().NEXTAUTH_URL)) return new Response('origin', { status: 403 });
  const actor = await authorized('mapping.manage');
  if (actor instanceof Response) return actor;
  const { id: connectorId } = await params;
  if (!z.guid().safeParse(connectorId).success) return new Response(null, { status: 404 });
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return new Response('query', { status: 400 });
  const { size } = query.data;
  return inTurn(request, fileTurns('errors'), async ({ release, keep }) => {
    const bytes = await receivedFile(request, size, actor);
    if (bytes instanceof Response) return bytes;
    const result = await errorsCsv(mappingParts(), actor, { connectorId, bytes });
    if (result.kind === 'not_found') return new Response(null, { status: 404 });
    if (result.kind === 'refused') return Response.json(result);
    // The file lies in memory until the last of its errors was taken.
    keep();
    const tooLong = setTimeout(() => result.body.destroy(new Error('nobody takes this list')), LONGEST_MS);
    result.body.once('close', () => {
      clearTimeout(tooLong);
      release();
    });
    return csvDownload(result);
  });
}
