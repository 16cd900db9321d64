/**
 * A database that was restored goes into recovery: one transaction after which nothing is collected or sent before an
 * administrator has confirmed the mapping in force, whatever worker asks and whatever it believes.
 */
import { auditIn, SYSTEM } from '../audit/entries.ts';
import type { Queryable } from '../db.ts';
import { raiseAlert } from '../imports/store/connectors.ts';
import type { EpochMark } from './epoch-blob.ts';
import { endStalled } from './stalled.ts';
import type { Cause } from './verdict.ts';

/**
 * What reached the source up to now, and for as long as its clock may be ahead of ours (`isSoundClock`), may be in a mailbox
 * already. It is looked for there before it is sent, for ever.
 */
const DOUBTFUL = `interval '1 day'`;

/**
 * Numbers that only go up, and that a restore took back: leases, pages. So far ahead that no worker of the life that was lost,
 * should one still run, has the same.
 */
const LEAP = 1_000_000;

export interface Restored {
  readonly cause: Cause;
  /** what the storage says; null: nothing */
  readonly stored: EpochMark | null;
  readonly home: string;
  /** the operator's words, where it is begun by hand */
  readonly reason?: string;
  /** up to when this database knows everything, where the operator says so; null: what it says itself counts */
  readonly since?: Date;
}

/** Whom to tell that a connector is held. */
export interface Held {
  readonly organizationId: string;
  readonly connectorId: string;
}

/**
 * In a transaction that has the lock of the epoch (`LedgerWatch`). A recovery that is not over yet goes on in the new one: what was
 * confirmed is to be confirmed again.
 *
 * @returns the mark that the storage is to be told, and the connectors that are held
 */
export async function beginRecovery(
  client: Queryable,
  { cause, stored, home, reason, since }: Restored,
): Promise<{ readonly mark: EpochMark; readonly held: readonly Held[] }> {
  const { rows } = await client.query<{ id: number; found_at: Date }>(
    `WITH before AS (
       UPDATE recovery SET ended_at = now() WHERE ended_at IS NULL RETURNING since)
     INSERT INTO recovery (cause, since, doubtful_until, detail)
     SELECT $1, least($4, (SELECT since FROM before),
         coalesce((SELECT counted_at FROM ledger_epoch), (SELECT max(at) FROM audit_entry))),
       greatest(now(), $2, (SELECT max(ends_at) FROM import_window)) + ${DOUBTFUL}, $3
     RETURNING id, found_at`,
    [
      cause,
      stored?.at ?? null,
      JSON.stringify({ ...(stored && { storageCountedAt: stored.at.toISOString() }), ...(reason && { reason }) }),
      since ?? null,
    ],
  );
  const [recovery] = rows;
  if (!recovery) throw new Error('no recovery was begun');
  const counted = await client.query<{ epoch: string; at: Date }>(
    `INSERT INTO ledger_epoch AS l (epoch, home) VALUES ($1::bigint + 1, $2)
     ON CONFLICT (id) DO UPDATE SET epoch = greatest(l.epoch, $1::bigint) + 1, counted_at = now(), home = $2
     RETURNING epoch, counted_at AS at`,
    [String(stored?.epoch ?? 0n), home],
  );
  const held = await hold(client, recovery.id, stored?.mappings ?? {});
  await fence(client);
  for (const { organizationId, connectorId } of held) {
    // Of the recovery before it: in this one nobody was asked yet.
    await endStalled(client, connectorId);
    const detail = { cause, foundAt: recovery.found_at.toISOString() };
    await raiseAlert(client, { organizationId, connectorId, importId: null, code: 'restored', detail });
    await auditIn(client, { ...SYSTEM, organizationId }, { action: 'recovery.begun', connectorId, detail });
  }
  const { epoch, at } = counted.rows[0] ?? { epoch: '0', at: recovery.found_at };
  return { mark: { epoch: BigInt(epoch), at, home, mappings: await mappingsInForce(client) }, held };
}

/** Pauses every live connector, so that every claim of collecting and delivering is refused by the condition that it has. */
async function hold(client: Queryable, recoveryId: number, mappings: EpochMark['mappings']): Promise<Held[]> {
  const { rows } = await client.query<Held>(
    `WITH held AS (
       UPDATE connector c SET recovery_id = $1, paused_at = coalesce(c.paused_at, now()),
         paused_by = coalesce(c.paused_by, 'System'), updated_at = now()
       WHERE c.status = 'live'
       RETURNING c.id, c.organization_id, old.paused_at IS NOT NULL AS paused, old.recovery_id AS before)
     INSERT INTO recovery_connector (recovery_id, connector_id, organization_id, was_paused, lost_mapping)
     SELECT $1, h.id, h.organization_id, coalesce(rc.was_paused, h.paused),
       nullif(greatest(rc.lost_mapping, ($2::jsonb->>h.id::text)::int, v.number, 0), coalesce(v.number, 0))
     FROM held h
     LEFT JOIN recovery_connector rc ON rc.recovery_id = h.before AND rc.connector_id = h.id
     LEFT JOIN mapping_version v ON v.connector_id = h.id AND v.status = 'in_force'
     RETURNING organization_id AS "organizationId", connector_id AS "connectorId"`,
    [recoveryId, JSON.stringify(mappings)],
  );
  return rows;
}

/** Nothing of the life that was lost fits any more: no lease, no page's number, no claim of a copy. */
async function fence(client: Queryable): Promise<void> {
  await client.query(`UPDATE shard_lease SET epoch = epoch + ${LEAP}, expires_at = now() - interval '1 millisecond'`);
  await client.query(
    `UPDATE import SET pages = pages + ${LEAP}, collect_epoch = collect_epoch + ${LEAP},
       collect_expires_at = CASE WHEN collect_expires_at IS NOT NULL THEN now() END`,
  );
  // A look that found nothing was one at another world. What was under way may take effect for as long as ever.
  await client.query(
    `UPDATE delivery SET epoch = 0, lookups = 0, sending_until = greatest(sending_until, now())
     WHERE state IN ('sending', 'created')`,
  );
}

/** By connector, the number of the mapping version in force. */
export async function mappingsInForce(client: Queryable): Promise<EpochMark['mappings']> {
  const { rows } = await client.query<{ id: string; number: number }>(
    `SELECT v.connector_id AS id, v.number FROM mapping_version v JOIN connector c ON c.id = v.connector_id
     WHERE v.status = 'in_force' AND c.status = 'live'`,
  );
  return Object.fromEntries(rows.map(({ id, number }) => [id, number]));
}
