import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { coverageDownload } from '#lib/coverage/download.ts';
import { coverageState } from '#lib/coverage/list.ts';
import { selectionOf } from '#lib/coverage/selection.ts';
import { database } from '#lib/db.ts';

export const dynamic = 'force-dynamic';

/** The lines of *User coverage* as CSV, by the filters of the page. Numbers are masked for who may not see them. */
export async function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const actor = await authorized('connectors.read');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  const { pool } = database();
  const { done } = z.guid().safeParse(id).success ? await coverageState(pool, actor, id) : { done: null };
  if (done === null) return new Response(null, { status: 404 });
  const selection = selectionOf(new URL(request.url).searchParams);
  return new Response(coverageDownload(pool, actor, done, selection), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="user-coverage-${done.finishedAt.slice(0, 10)}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
