import { collectAuditLog } from '#lib/audit/collect.ts';
import { collectParts } from '#lib/mapping-api/composition.ts';

export const dynamic = 'force-dynamic';

/** For a SIEM: no session. Who calls is told by an access token of Entra ID. */
export function GET(request: Request): Promise<Response> {
  return collectAuditLog(collectParts(), request);
}
