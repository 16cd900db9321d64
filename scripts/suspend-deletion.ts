/**
 * `npm run suspend-deletion -- --organization <tenant id> --reason "Case 2026-114"`: no record is purged from then on, of any
 * organization of this installation, until it is resumed (`--resume`).
 */
import { parseArgs } from 'node:util';
import { database } from '#lib/db.ts';
import { readEnv } from '#lib/env.ts';
import { resumeDeletion, suspendDeletion } from '#lib/retention/suspend.ts';

const { values } = parseArgs({
  options: {
    organization: { type: 'string' },
    reason: { type: 'string' },
    resume: { type: 'boolean', default: false },
  },
});
const reason = values.reason?.trim() ?? '';
if (!values.organization || reason === '') {
  console.error('Say whose and why: npm run suspend-deletion -- --organization <tenant id> --reason "…" [--resume]');
  process.exitCode = 2;
} else {
  await readEnv();
  const { pool, prisma } = database();
  try {
    const act = values.resume ? resumeDeletion : suspendDeletion;
    const changed = await act(pool, values.organization.toLowerCase(), reason);
    if (changed) console.log(values.resume ? 'Records may be deleted again.' : 'Deletion is suspended.');
    else {
      console.error(
        `There is no such organization, or its deletion is ${values.resume ? 'not ' : ''}suspended already.`,
      );
      process.exitCode = 1;
    }
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}
