/** The proof of items: in short for a list, and in full, step by step, for one of them. */
import type pg from 'pg';
import type { CopyState } from '../corrections/correction.ts';
import type { RowKey } from '../imports/store/undone.ts';
import { rowKey } from '../imports/undone-rows.ts';
import { type Actor, authorize } from '../security/actor.ts';
import {
  type ActRow,
  type ChangeRow,
  type CorrectionRow,
  readActs,
  readChanges,
  readCorrections,
  readSignOffs,
  type SignOffRow,
} from './store/later.ts';
import {
  type AttachmentEvidence,
  type CopyRow,
  type ItemRow,
  itemsNamed,
  readAttachments,
  readCopies,
  readItems,
} from './store/proof.ts';

/** An item in a list. Times are ISO 8601 in UTC. */
export interface ItemLine {
  /** see `parseRowKey` */
  readonly key: string;
  readonly sourceItemId: string;
  readonly type: string;
  /** when it reached the source */
  readonly archivedAt: string;
  readonly connector: string;
  readonly outcome: string;
  /** where its copies are, or are to be */
  readonly copies: readonly {
    readonly state: string;
    readonly reason: string | null;
    readonly mailbox: string | null;
    readonly participant: string;
  }[];
}

/** The items of these keys, in their order. Those of another organization are left out. @throws NotAllowed */
export async function itemLines(pool: pg.Pool, actor: Actor, keys: readonly RowKey[]): Promise<ItemLine[]> {
  authorize(actor, 'evidence.read');
  const { organizationId } = actor;
  const [items, copies] = await Promise.all([
    readItems(pool, organizationId, keys),
    readCopies(pool, organizationId, keys),
  ]);
  const byItem = Map.groupBy(copies, ({ item_id }) => item_id);
  const byId = new Map(items.map((item) => [item.id, item]));
  return keys.flatMap((key) => {
    const item = byId.get(key.id);
    return item === undefined ? [] : [lineOf(item, byItem.get(item.id) ?? [])];
  });
}

function lineOf(item: ItemRow, copies: readonly CopyRow[]): ItemLine {
  return {
    key: rowKey({ archivedAt: item.archived_at, id: item.id }),
    sourceItemId: item.source_item_id,
    type: item.type,
    archivedAt: item.archived_at.toISOString(),
    connector: item.connector,
    outcome: item.outcome,
    copies: copies.map(({ state, reason, mailbox_address: mailbox, number, participant }) => ({
      state,
      reason,
      mailbox,
      participant: number ?? participant,
    })),
  };
}

export interface CopyProof {
  /** the delivery's number in the ledger */
  readonly id: string;
  readonly participant: string;
  readonly number: string | null;
  readonly rule: CopyRow['rule'];
  readonly mapping: {
    readonly version: number;
    readonly versionId: string;
    readonly row: number | null;
    /** the file whose line the row is; null where it was added in the portal */
    readonly file: { readonly version: number; readonly name: string; readonly sha256: string | null } | null;
  } | null;
  readonly mailbox: string | null;
  readonly userId: string | null;
  readonly state: string;
  readonly reason: string | null;
  /** since it was last retried */
  readonly attempts: number;
  /** it was once not known whether it had been sent */
  readonly wasInDoubt: boolean;
  readonly importedAt: string | null;
  /** Graph's immutable id of the message */
  readonly messageId: string | null;
  readonly contentHash: string | null;
  /** the item for whose copy it was skipped, where that is another one */
  readonly twin: string | null;
}

/** Something that happened later. `copy`: which one, as its participant; null: the item. */
export type LaterEvent = { readonly at: string } & (
  | { readonly kind: 'changed'; readonly sha256: string; readonly reason: string }
  | {
      readonly kind: 'corrected';
      readonly state: CopyState;
      readonly reason: string | null;
      readonly from: string;
      readonly fromMessageId: string | null;
      readonly to: string | null;
      readonly why: string;
      readonly by: string;
    }
  | { readonly kind: 'signed-off'; readonly by: string; readonly reason: string; readonly comment: string }
  | { readonly kind: 'surplus-removed' | 'message-removed' }
  | { readonly kind: 'original-opened'; readonly by: string }
);

export interface Proof {
  readonly line: ItemLine;
  readonly source: { readonly kind: string; readonly account: string; readonly sha256: string };
  readonly messageTime: string | null;
  readonly reason: string | null;
  readonly connectorId: string;
  readonly window: { readonly from: string; readonly to: string };
  readonly import: {
    readonly id: string;
    readonly number: number;
    readonly trigger: string;
    /** null while the window is being collected */
    readonly collectedAt: string | null;
  };
  readonly attachments: readonly AttachmentEvidence[];
  readonly copies: readonly CopyProof[];
  /** in the order in which they happened */
  readonly later: readonly LaterEvent[];
}

/** All that the ledger knows of an item; null where it is not the organization's. @throws NotAllowed */
export async function proofOf(pool: pg.Pool, actor: Actor, key: RowKey): Promise<Proof | null> {
  authorize(actor, 'evidence.read');
  const { organizationId } = actor;
  const [[item], copies, attachments, changes, corrections] = await Promise.all([
    readItems(pool, organizationId, [key]),
    readCopies(pool, organizationId, [key]),
    readAttachments(pool, organizationId, key),
    readChanges(pool, organizationId, key.id),
    readCorrections(pool, organizationId, key),
  ]);
  if (item === undefined) return null;
  const twinKeys = copies.flatMap(({ twin_archived_at: archivedAt, twin_item_id: id }) =>
    archivedAt === null || id === null ? [] : [{ archivedAt, id }],
  );
  const signOffIds = [item.sign_off_id, ...copies.map((copy) => copy.sign_off_id)].filter((id) => id !== null);
  const [twins, signOffs, acts] = await Promise.all([
    itemsNamed(pool, organizationId, twinKeys),
    readSignOffs(pool, organizationId, [...new Set(signOffIds)]),
    readActs(pool, organizationId, {
      connectorId: item.connector_id,
      sourceItemId: item.source_item_id,
      deliveryIds: copies.map(({ id }) => id),
    }),
  ]);
  return {
    line: lineOf(item, copies),
    source: { kind: item.source_kind, account: item.account_name, sha256: item.sha256 },
    messageTime: item.message_time?.toISOString() ?? null,
    reason: item.reason,
    connectorId: item.connector_id,
    window: { from: item.window_from.toISOString(), to: item.window_to.toISOString() },
    import: {
      id: item.import_id,
      number: item.import_number,
      trigger: item.import_trigger,
      collectedAt: item.collected_at?.toISOString() ?? null,
    },
    attachments,
    copies: copies.map((copy) => copyProof(copy, twins)),
    later: laterOf({ changes, corrections, signOffs, acts }),
  };
}

function copyProof(row: CopyRow, twins: ReadonlyMap<string, string>): CopyProof {
  const isThere = row.message_id !== null && row.state !== 'skipped' && row.state !== 'pending';
  return {
    id: row.id,
    participant: row.participant,
    number: row.number,
    rule: row.rule,
    mapping:
      row.mapping_version === null || row.mapping_version_id === null
        ? null
        : {
            version: row.mapping_version,
            versionId: row.mapping_version_id,
            row: row.mapping_row,
            file:
              row.file_version === null || row.file_name === null
                ? null
                : { version: row.file_version, name: row.file_name, sha256: row.file_sha256 },
          },
    mailbox: row.mailbox_address,
    userId: row.user_id,
    state: row.state,
    reason: row.reason,
    attempts: row.attempts,
    wasInDoubt: row.doubt > 0,
    importedAt: row.imported_at?.toISOString() ?? null,
    messageId: isThere ? row.message_id : null,
    contentHash: isThere ? row.content_hash : null,
    twin: row.twin_item_id === null ? null : (twins.get(row.twin_item_id) ?? null),
  };
}

interface Happened {
  readonly changes: readonly ChangeRow[];
  readonly corrections: readonly CorrectionRow[];
  readonly signOffs: readonly SignOffRow[];
  readonly acts: readonly ActRow[];
}

const KINDS = {
  'message.surplus-removed': 'surplus-removed',
  'correction.message-removed': 'message-removed',
  'original.opened': 'original-opened',
} as const;

function actOf({ at, action, actor_name: by }: ActRow): LaterEvent[] {
  if (!(action in KINDS)) return [];
  const kind = KINDS[action as keyof typeof KINDS];
  return [kind === 'original-opened' ? { at: at.toISOString(), kind, by } : { at: at.toISOString(), kind }];
}

function laterOf({ changes, corrections, signOffs, acts }: Happened): LaterEvent[] {
  const events: LaterEvent[] = [
    ...changes.map(
      ({ seen_at, sha256, reason }): LaterEvent => ({
        at: seen_at.toISOString(),
        kind: 'changed',
        sha256,
        reason,
      }),
    ),
    ...corrections.map(
      (row): LaterEvent => ({
        at: row.changed_at.toISOString(),
        kind: 'corrected',
        state: row.state,
        reason: row.reason,
        from: row.from_mailbox,
        fromMessageId: row.from_message_id,
        to: row.to_mailbox,
        why: row.why,
        by: row.created_by_name,
      }),
    ),
    ...signOffs.map(
      ({ signed_at, signed_by_name: by, reason, comment }): LaterEvent => ({
        at: signed_at.toISOString(),
        kind: 'signed-off',
        by,
        reason,
        comment,
      }),
    ),
    ...acts.flatMap(actOf),
  ];
  return events.sort((a, b) => a.at.localeCompare(b.at));
}
