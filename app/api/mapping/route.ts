import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { readAtMost } from '#app/api/read-at-most.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { uploadMappingFile } from '#lib/connectors/set-up/use-cases.ts';
import { env } from '#lib/env.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/mapping-file.ts';
import { isRegion } from '#lib/mapping/number.ts';

const querySchema = z.object({
  draft: z.guid(),
  name: z.string().min(1).max(255),
  region: z.string().refine(isRegion),
  leaveOut: z.enum(['0', '1']),
});

/** A mapping file for a draft, as it is in the request's body. Actions carry forms; a file of 64 MB has its own way. */
export async function POST(request: Request): Promise<Response> {
  // The session's cookie is sent by our own pages only if the request comes from one of them.
  if (request.headers.get('origin') !== new URL(env().NEXTAUTH_URL).origin)
    return new Response('origin', { status: 403 });
  const actor = await authorized('mapping.manage');
  if (actor instanceof Response) return actor;
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) return new Response('query', { status: 400 });
  const bytes = await readAtMost(request, MAX_FILE_BYTES);
  if (bytes === null) return Response.json({ kind: 'refused', refusal: { problem: 'too_large' } });
  const { draft, name, region, leaveOut } = query.data;
  if (!isRegion(region)) return new Response('region', { status: 400 });
  const result = await uploadMappingFile(setUpParts(), actor, {
    draftId: draft,
    fileName: name,
    bytes,
    defaultRegion: region,
    leaveOutErrors: leaveOut === '1',
  });
  return Response.json(result);
}
