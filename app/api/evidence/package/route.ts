import type { NextRequest } from 'next/server';
import { authorized } from '#app/api/authorized.ts';
import { download } from '#app/api/download.ts';
import { auditDeps } from '#lib/audit/composition.ts';
import { evidencePackage } from '#lib/evidence/package/build.ts';
import { periodOf } from '#lib/evidence/package/period.ts';

export const dynamic = 'force-dynamic';

/** An evidence package as a ZIP: `from` and `to` as days, `connector` as an id or absent. */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await authorized('evidence.read');
  if (actor instanceof Response) return actor;
  const period = periodOf(request.nextUrl.searchParams);
  if (period === null) return new Response(null, { status: 400 });
  const body = await evidencePackage(auditDeps(), actor, period);
  return download({ fileName: `evidence-${period.from}-${period.to}.zip`, body }, 'application/zip');
}
