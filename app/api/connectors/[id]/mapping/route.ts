import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { inTurn } from '#app/api/in-turn.ts';
import { receivedFile } from '#app/api/received-file.ts';
import { proposeVersion } from '#lib/connectors/mapping/use-cases.ts';
import { fileTurns, mappingParts } from '#lib/connectors/portal-parts.ts';
import { env } from '#lib/env.ts';
import { fileNameSchema } from '#lib/mapping/file-name.ts';

const querySchema = z.object({
  name: fileNameSchema,
  mode: z.enum(['replace', 'add']),
  /** rows with errors, as many as the page showed, that are to be left out */
  leaveOut: z.coerce.number().int().nonnegative(),
  portalRows: z.enum(['ask', 'keep', 'remove']),
  /** bytes of the file */
  size: z.coerce.number().int().nonnegative(),
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
  const { name: fileName, mode, leaveOut, portalRows, size } = query.data;
  return inTurn(request, fileTurns('upload'), async () => {
    const bytes = await receivedFile(request, size, actor);
    if (bytes instanceof Response) return bytes;
    const input = {
      connectorId,
      fileName,
      bytes,
      mode,
      leaveOut,
      portalRows: portalRows === 'ask' ? null : portalRows,
      signal: request.signal,
    };
    return Response.json(await proposeVersion(mappingParts(), actor, input));
  });
}
