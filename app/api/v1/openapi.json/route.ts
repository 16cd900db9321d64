import { env } from '#lib/env.ts';
import { mappingApiDocument } from '#lib/mapping-api/openapi.ts';

export const dynamic = 'force-dynamic';

/** Open to everybody: it says how to call, and nothing of anybody. */
export function GET(): Response {
  return Response.json(mappingApiDocument(env().NEXTAUTH_URL), { headers: { 'cache-control': 'public, max-age=300' } });
}
