/**
 * `npm run accept-restore -- --reason "…"`: after the database was restored from a backup, notes in each audit log whose
 * anchors know more than it does that this is so, and why. Refused for any other fault.
 */
import { parseArgs } from 'node:util';
import { auditDeps } from '#lib/audit/composition.ts';
import { database } from '#lib/db.ts';
import { readEnv } from '#lib/env.ts';
import { acceptRestores } from './restore/accept.ts';

const { values } = parseArgs({ options: { reason: { type: 'string' } } });
const reason = values.reason?.trim() ?? '';
await readEnv();
const deps = auditDeps();
try {
  if (reason === '') {
    console.error('Say why: npm run accept-restore -- --reason "Restored the backup of 06:00 after the disk failed"');
    process.exitCode = 1;
  } else if (!(await acceptRestores(deps, reason))) process.exitCode = 1;
} finally {
  await database().prisma.$disconnect();
  await deps.pool.end();
}
