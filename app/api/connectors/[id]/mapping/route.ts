import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { readAtMost } from '#app/api/read-at-most.ts';
import { proposeVersion } from '#lib/connectors/mapping/use-cases.ts';
import { mappingParts } from '#lib/connectors/portal-parts.ts';
import { env } from '#lib/env.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/mapping-file.ts';

const querySchema = z.object({
  name: z.string().min(1).max(255),
  mode: z.enum(['replace', 'add']),
  leaveOut: z.enum(['0', '1']),
  portalRows: z.enum(['ask', 'keep', 'remove']),
});

/** Upload new version: a mapping file for a live connector, as it is in the request's body. The answer is what became of it. */
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
  const bytes = await readAtMost(request, MAX_FILE_BYTES);
  if (bytes === null) return Response.json({ kind: 'refused', refusal: { problem: 'too_large' } });
  const { name: fileName, mode, leaveOut, portalRows } = query.data;
  const result = await proposeVersion(mappingParts(), actor, {
    connectorId,
    fileName,
    bytes,
    mode,
    leaveOutErrors: leaveOut === '1',
    portalRows: portalRows === 'ask' ? null : portalRows,
  });
  return Response.json(result);
}
