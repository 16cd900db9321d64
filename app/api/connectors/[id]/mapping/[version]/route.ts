import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { csvDownload } from '#app/api/download.ts';
import { versionCsv } from '#lib/connectors/mapping/use-cases.ts';
import { mappingParts } from '#lib/connectors/portal-parts.ts';

export const dynamic = 'force-dynamic';

const paramsSchema = z.object({ id: z.guid(), version: z.guid() });

/** Download version: what can be uploaded again unchanged. */
export async function GET(
  _request: Request,
  { params }: { readonly params: Promise<{ readonly id: string; readonly version: string }> },
): Promise<Response> {
  const actor = await authorized('mapping.manage');
  if (actor instanceof Response) return actor;
  const parsed = paramsSchema.safeParse(await params);
  if (!parsed.success) return new Response(null, { status: 404 });
  const { id: connectorId, version: versionId } = parsed.data;
  const result = await versionCsv(mappingParts(), actor, { connectorId, versionId });
  return result.kind === 'file' ? csvDownload(result) : new Response(null, { status: 404 });
}
