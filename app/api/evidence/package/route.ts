import type { NextRequest } from 'next/server';
import { authorized } from '#app/api/authorized.ts';
import { download } from '#app/api/download.ts';
import { auditDeps } from '#lib/audit/composition.ts';
import { env } from '#lib/env.ts';
import { evidencePackage } from '#lib/evidence/package/build.ts';
import { periodOf } from '#lib/evidence/package/period.ts';

export const dynamic = 'force-dynamic';

/** When to look again whether one of the organization's packages is finished. */
const AGAIN_SECONDS = 60;

/** An evidence package as a ZIP: `from` and `to` as days, `connector` as an id or absent. */
export async function GET(request: NextRequest): Promise<Response> {
  const actor = await authorized('evidence.read');
  if (actor instanceof Response) return actor;
  const period = periodOf(request.nextUrl.searchParams);
  if (period === null) return new Response(null, { status: 400 });
  const body = await evidencePackage(auditDeps(), actor, period);
  if (body === 'too_many') {
    const headers = { 'retry-after': String(AGAIN_SECONDS), 'cache-control': 'no-store' };
    // The page stays where it is for a file, and says in its own words why there is none.
    if (request.headers.get('sec-fetch-mode') !== 'navigate') return new Response(null, { status: 429, headers });
    const location = new URL('/evidence?package=too-many', env().NEXTAUTH_URL).href;
    return new Response(null, { status: 303, headers: { ...headers, location } });
  }
  return download({ fileName: `evidence-${period.from}-${period.to}.zip`, body }, 'application/zip');
}
