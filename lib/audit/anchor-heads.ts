/**
 * Once an hour the head of every chain that has grown is anchored: signed, put where the database cannot take it back,
 * and written into the log, which whoever collects logs keeps, too.
 */
import type pg from 'pg';
import type { Logger } from 'pino';
import { anchorName, makeAnchor } from './anchor.ts';
import type { AnchorStore } from './anchor-store.ts';
import type { AuditKeys } from './keys.ts';

export interface AnchorDeps {
  readonly pool: pg.Pool;
  readonly keys: AuditKeys;
  readonly anchors: AnchorStore;
  readonly log: Logger;
  now(): Date;
}

const EVERY_MS = 60 * 60_000;

interface Head {
  readonly organization_id: string;
  readonly seq: string;
  readonly mac: Buffer;
}

/**
 * Anchors what is due: heads that no anchor names, of organizations whose last anchor is an hour old. Two workers at once
 * write two anchors that both are true.
 *
 * @throws StagingUnavailableError; the next round tries again
 */
export async function anchorHeads(deps: AnchorDeps): Promise<void> {
  const now = deps.now();
  const { rows } = await deps.pool.query<Head>(
    `SELECT o.id AS organization_id, head.seq::text, head.mac
     FROM organization o
     CROSS JOIN LATERAL (
       SELECT seq, mac FROM audit_link l WHERE l.organization_id = o.id ORDER BY seq DESC LIMIT 1) head
     LEFT JOIN LATERAL (
       SELECT seq, anchored_at FROM audit_anchor a WHERE a.organization_id = o.id ORDER BY seq DESC LIMIT 1) last ON true
     WHERE last.seq IS NULL OR (last.seq < head.seq AND last.anchored_at <= $1)`,
    [new Date(now.getTime() - EVERY_MS)],
  );
  for (const { organization_id: organizationId, seq, mac } of rows) {
    const anchor = makeAnchor(deps.keys, { organizationId, seq, mac }, now);
    const name = anchorName(anchor.statement);
    await deps.anchors.put(name, JSON.stringify(anchor));
    await deps.pool.query(
      `INSERT INTO audit_anchor (organization_id, seq, anchored_at, blob_name) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [organizationId, seq, now, name],
    );
    deps.log.info({ anchor }, 'audit anchor');
  }
}
