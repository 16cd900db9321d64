/** Puts the audit log's parts together from the environment. */
import { stagingSettings } from '../connectors/composition.ts';
import { database } from '../db.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import { connectAnchorStore } from './anchor-store.ts';
import { parseAuditKeys } from './keys.ts';
import type { AuditDeps } from './run.ts';

export function auditDeps(): AuditDeps {
  return {
    pool: database().pool,
    keys: parseAuditKeys(env().AUDIT_KEYS),
    anchors: connectAnchorStore({ ...stagingSettings(), container: env().AUDIT_ANCHOR_CONTAINER }),
    log: log(),
    now: () => new Date(),
  };
}
