import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { connectorRows } from '#lib/connectors/overview.ts';
import { database } from '#lib/db.ts';
import { importLogStream } from '#lib/imports/log.ts';

export const dynamic = 'force-dynamic';

/** Download log. Numbers of people are masked for those who may see counts only. */
export async function GET(
  _request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const actor = await authorized('connectors.read');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  const { pool } = database();
  const now = new Date();
  const [connector] = z.guid().safeParse(id).success ? await connectorRows(pool, actor, [id], now) : [];
  if (connector === undefined) return new Response(null, { status: 404 });
  return new Response(importLogStream(pool, actor, id), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="import-log-${now.toISOString().slice(0, 10)}.csv"`,
      'cache-control': 'no-store',
    },
  });
}
