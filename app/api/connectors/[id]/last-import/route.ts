import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { database } from '#lib/db.ts';
import { lastImport } from '#lib/imports/list.ts';

export const dynamic = 'force-dynamic';

/** What the last import of a connector that was completed did. 404 where there is none. */
export async function GET(
  _request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const actor = await authorized('connectors.read');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  const found = z.guid().safeParse(id).success ? await lastImport(database().pool, actor, id) : null;
  if (found === null) return new Response(null, { status: 404 });
  return Response.json(found, { headers: { 'cache-control': 'no-store' } });
}
