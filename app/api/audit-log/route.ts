import type { NextRequest } from 'next/server';
import { authorized } from '#app/api/authorized.ts';
import { download } from '#app/api/download.ts';
import { EXPORT_FORMATS, exportAuditLog } from '#lib/audit/export.ts';
import { auditSelection } from '#lib/audit/selection.ts';
import { database } from '#lib/db.ts';

export const dynamic = 'force-dynamic';

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** The audit log as a file: the selection of the page, and `format` csv or jsonl. */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await authorized('audit.read');
  if (actor instanceof Response) return actor;
  const query = request.nextUrl.searchParams;
  const format = EXPORT_FORMATS.find((one) => one === query.get('format')) ?? 'csv';
  const body = await exportAuditLog(database().pool, actor, auditSelection(query), format);
  return download({ fileName: `audit-log-${new Date().toISOString().slice(0, 10)}.${format}`, body }, TYPES[format]);
}
