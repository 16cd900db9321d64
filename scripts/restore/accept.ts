/** Notes in every audit log whose anchors know more than it does that the database was restored, and why. */
import { acceptRestore, looksRestored } from '#lib/audit/fork.ts';
import type { AuditDeps } from '#lib/audit/run.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { audit } from '../../components/text/en/audit.ts';

/** @returns whether nothing but restores was found */
export async function acceptRestores(deps: AuditDeps, reason: string): Promise<boolean> {
  let isWell = true;
  const { rows } = await deps.pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM organization ORDER BY name',
  );
  for (const { id, name } of rows) {
    const verified = await verifyAuditLog(deps, id);
    if (verified.finding === null) console.log(`${name}: nothing to accept in the audit log.`);
    else if (looksRestored(verified)) {
      await acceptRestore(deps.pool, verified, reason);
      console.log(`${name}: noted in the audit log, which goes on after entry number ${verified.throughSeq}.`);
    } else {
      console.error(
        `${name}: ${audit.finding(verified.finding)} That is not what a restore looks like; nothing was noted.`,
      );
      isWell = false;
    }
  }
  return isWell;
}
