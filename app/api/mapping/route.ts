import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { inTurn } from '#app/api/in-turn.ts';
import { receivedFile } from '#app/api/received-file.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { fileTurns } from '#lib/connectors/portal-parts.ts';
import { uploadMappingFile } from '#lib/connectors/set-up/use-cases.ts';
import { env } from '#lib/env.ts';
import { fileNameSchema } from '#lib/mapping/file-name.ts';
import { isRegion } from '#lib/mapping/number.ts';

const querySchema = z.object({
  draft: z.guid(),
  name: fileNameSchema,
  region: z.string().refine(isRegion),
  /** rows with errors, as many as the page showed, that are to be left out */
  leaveOut: z.coerce.number().int().nonnegative(),
  /** bytes of the file: what arrives shorter has broken off, whoever on the way made it look whole */
  size: z.coerce.number().int().nonnegative(),
});

/** A mapping file for a draft, as it is in the request's body. Actions carry forms; a file of 64 MB has its own way. */
export async function POST(request: Request): Promise<Response> {
  if (!fromOurPage(request.headers, env().NEXTAUTH_URL)) return new Response('origin', { status: 403 });
  const actor = await authorized('mapping.manage');
  if (actor instanceof Response) return actor;
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return new Response('query', { status: 400 });
  const { draft, name, region, leaveOut, size } = query.data;
  if (!isRegion(region)) return new Response('region', { status: 400 });
  return inTurn(request, fileTurns('upload'), async () => {
    const bytes = await receivedFile(request, size, actor);
    if (bytes instanceof Response) return bytes;
    const input = { draftId: draft, fileName: name, bytes, defaultRegion: region, leaveOut, signal: request.signal };
    return Response.json(await uploadMappingFile(setUpParts(), actor, input));
  });
}
