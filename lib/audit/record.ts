/**
 * An entry of the audit log as the chain covers it, and its one form in bytes. Pure. `docs/audit-log.md` has the form for
 * whoever recomputes it.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Everything that an entry says. */
export interface AuditRecord {
  /** decimal */
  readonly id: string;
  readonly organizationId: string;
  /** ISO 8601 in UTC with milliseconds */
  readonly at: string;
  /** Entra object id of a person or program; `system` */
  readonly actor: string;
  readonly actorName: string;
  /** where the request came from; null: from none, or from before this was kept */
  readonly clientAddress: string | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly result: string;
  readonly detail: unknown;
}

const FORM = 'audit-link-1';

/** What the first entry of a chain follows: 32 zero bytes. */
export const BEFORE_FIRST: Uint8Array = new Uint8Array(32);

/**
 * The text that a link's code is made of: a JSON array in canonical form (RFC 8785), so that neither the order of keys nor
 * the way in which a database writes JSON matters.
 *
 * @param before the code of the link before, 32 bytes
 */
export function linkedText(record: AuditRecord, seq: string, keyId: string, before: Uint8Array): string {
  const text = canonicalize([
    FORM,
    record.organizationId,
    seq,
    keyId,
    Buffer.from(before).toString('hex'),
    record.id,
    record.at,
    record.actor,
    record.actorName,
    record.clientAddress,
    record.action,
    record.targetType,
    record.targetId,
    record.result,
    record.detail,
  ]);
  if (text === undefined) throw new RangeError('an audit entry has no canonical form');
  return text;
}

/** HMAC-SHA-256 of `linkedText`. */
export function linkMac(key: KeyObject, record: AuditRecord, seq: string, keyId: string, before: Uint8Array): Buffer {
  return createHmac('sha256', key)
    .update(linkedText(record, seq, keyId, before))
    .digest();
}
