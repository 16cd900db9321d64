/**
 * `npm run verify-audit`: looks through the audit log of every organization, or of one (`-- --organization <id>`), and says
 * up to where it is as it was written, by which anchor, and which entry is the first that is not. `--json` prints it as JSON
 * lines; `--public-keys` prints the keys that verify the anchors' signatures. Ends with 1 where something was found.
 */
import { parseArgs } from 'node:util';
import { auditDeps } from '#lib/audit/composition.ts';
import { publicKeyPem } from '#lib/audit/keys.ts';
import { type VerifiedLog, verifyAuditLog } from '#lib/audit/verify.ts';
import { database } from '#lib/db.ts';
import { readEnv } from '#lib/env.ts';
import { audit } from '../components/text/en/audit.ts';

const { values } = parseArgs({
  options: {
    organization: { type: 'string' },
    json: { type: 'boolean', default: false },
    'public-keys': { type: 'boolean', default: false },
  },
});

await readEnv();
const deps = auditDeps();
try {
  if (values['public-keys']) {
    for (const key of deps.keys.keys.values()) console.log(`${key.id}\n${publicKeyPem(key)}`);
  } else {
    const { rows } = await deps.pool.query<{ id: string; name: string }>(
      'SELECT id, name FROM organization WHERE $1::uuid IS NULL OR id = $1 ORDER BY name',
      [values.organization ?? null],
    );
    if (rows.length === 0) {
      console.error('There is no such organization.');
      process.exitCode = 1;
    }
    const immutable = await deps.anchors.isImmutable();
    for (const { id, name } of rows) {
      const verified = await verifyAuditLog(deps, id);
      if (verified.finding) process.exitCode = 1;
      console.log(values.json ? JSON.stringify({ ...verified, immutable }) : report(name, verified));
    }
    if (!values.json && !immutable) {
      console.log(
        'The storage does not hold anchors immutable: give the container of AUDIT_ANCHOR_CONTAINER a locked, time-based retention policy.',
      );
    }
  }
} finally {
  await database().prisma.$disconnect();
  await deps.pool.end();
}

function report(
  name: string,
  { organizationId, throughSeq, throughTime, anchor, anchors, finding }: VerifiedLog,
): string {
  return [
    `${name} (${organizationId})`,
    throughTime === null
      ? '  No entry is verified.'
      : `  Verified to ${throughTime}: ${throughSeq} entries are as they were written.`,
    anchor === null
      ? '  No anchor says so yet: what is verified rests on the keys alone.'
      : `  The anchor of ${anchor.at} says the same of the first ${anchor.seq}; ${anchors} anchors in all.`,
    finding === null ? '  Nothing was found.' : `  ${audit.finding(finding)} ${audit.untrusted}`,
  ].join('\n');
}
