/**
 * `npm run accept-restore -- --reason "…"`: after the database was restored from a backup, notes in each audit log whose
 * anchors know more than it does that this is so, and why. Refused for any other fault.
 */
import { parseArgs } from 'node:util';
import { auditDeps } from '#lib/audit/composition.ts';
import { acceptRestore, looksRestored } from '#lib/audit/fork.ts';
import { verifyAuditLog } from '#lib/audit/verify.ts';
import { database } from '#lib/db.ts';
import { readEnv } from '#lib/env.ts';
import { audit } from '../components/text/en/audit.ts';

const { values } = parseArgs({ options: { reason: { type: 'string' } } });
const reason = values.reason?.trim() ?? '';
await readEnv();
const deps = auditDeps();
try {
  if (reason === '') {
    console.error('Say why: npm run accept-restore -- --reason "Restored the backup of 06:00 after the disk failed"');
    process.exitCode = 1;
  } else {
    const { rows } = await deps.pool.query<{ id: string; name: string }>(
      'SELECT id, name FROM organization ORDER BY name',
    );
    for (const { id, name } of rows) {
      const verified = await verifyAuditLog(deps, id);
      if (verified.finding === null) console.log(`${name}: nothing to accept.`);
      else if (looksRestored(verified)) {
        await acceptRestore(deps.pool, verified, reason);
        console.log(`${name}: noted. The log goes on after entry number ${verified.throughSeq}.`);
      } else {
        console.error(
          `${name}: ${audit.finding(verified.finding)} That is not what a restore looks like; nothing was noted.`,
        );
        process.exitCode = 1;
      }
    }
  }
} finally {
  await database().prisma.$disconnect();
  await deps.pool.end();
}
