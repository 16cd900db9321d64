/** For tests: a message that passes for another item's, and what was noted of verifications. */
import type pg from 'pg';
import type { ImportDeps } from '../../imports/deps.ts';
import { itemPropertyId, itemPropertyValue } from '../../mail/identity.ts';
import type { VerifiedConnector } from './copies.ts';

/** A message with an item's property and a header of its own making. */
export function passingFor(
  deps: Pick<ImportDeps, 'mailFacts'>,
  { organizationId, kind, accountId: account }: VerifiedConnector,
  sourceItemId: string,
  contentHash: string,
): object {
  const { itemIdProperty } = deps.mailFacts(kind);
  const value = itemPropertyValue({ organizationId, kind, account }, sourceItemId);
  return {
    internetMessageId: '<the-same-each-time@mobile.invalid>',
    subject: 'SMS with nobody',
    body: { contentType: 'text', content: 'I never said so.' },
    internetMessageHeaders: [{ name: 'x-archive-content-hash', value: contentHash }],
    singleValueExtendedProperties: [
      { id: itemPropertyId(itemIdProperty), value },
      // Not a draft, and sent at a time of its own.
      { id: 'Integer 0x0E07', value: '1' },
      { id: 'SystemTime 0x0039', value: '2026-11-01T10:00:00Z' },
    ],
  };
}

/** Details of the entries about verified mailboxes. */
export async function verificationsNoted(pool: pg.Pool, connectorId: string): Promise<unknown[]> {
  const { rows } = await pool.query<{ detail: unknown }>(
    `SELECT detail FROM audit_entry WHERE action = 'mailboxes.verified' AND target_id = $1 ORDER BY id`,
    [connectorId],
  );
  return rows.map(({ detail }) => detail);
}
