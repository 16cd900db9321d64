import { readAtMost } from '#app/api/read-at-most.ts';
import { mappingApiParts } from '#lib/mapping-api/composition.ts';
import { putMapping } from '#lib/mapping-api/put-mapping.ts';

export const dynamic = 'force-dynamic';

/** For programs: no session, no page of ours. Who calls is told by an access token of Entra ID. */
export async function PUT(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  return putMapping({ ...mappingApiParts(), read: readAtMost }, request, (await params).id);
}
