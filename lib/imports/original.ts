/**
 * The original of something that is not, or not wholly, in its mailbox, as an EML file: opened by who may read content,
 * with a reason, and never without an entry in the audit log, which is written before the first byte is given out.
 */
import type { Readable } from 'node:stream';
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { emlOfPlan, emlOfRawItem } from '../mail/eml.ts';
import { type ItemScope, itemIdentity } from '../mail/identity.ts';
import { type MailFacts, planMessage } from '../mail/plan.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { KeyRing } from '../security/keyring.ts';
import { TamperedError, unwrapDataKey } from '../security/sealing.ts';
import { StagedContentMissingError } from '../staging/errors.ts';
import { attachmentName, pageName } from '../staging/names.ts';
import type { SealedBlobs } from '../staging/sealed-blobs.ts';
import type { UndoneKind } from './counts.ts';
import type { ImportDeps } from './deps.ts';
import { decodeFrame } from './frame.ts';
import { mailInputOf, stagedById } from './mail-input.ts';
import { dataKeyContext } from './stage-attachments.ts';
import { type AttachmentRow, attachmentsOfItems } from './store/attachments.ts';
import { findOriginal, type OriginalPlace } from './store/original.ts';
import type { RowKey } from './store/undone.ts';

export interface OriginalDeps extends Pick<ImportDeps, 'keyRing' | 'staging'> {
  readonly pool: pg.Pool;
  readonly mailFacts: (kind: string) => MailFacts;
  readonly unmappedDomain: string;
}

export interface OriginalRequest {
  readonly connectorId: string;
  readonly kind: UndoneKind;
  readonly row: RowKey;
  /** why this person opens it */
  readonly reason: string;
}

export type OriginalResult =
  | { readonly kind: 'found'; readonly fileName: string; readonly eml: Readable }
  /** shorter than 3 characters, or longer than `REASON_LIMIT` */
  | { readonly kind: 'bad_reason' }
  /** it is imported, or signed off, or another organization's */
  | { readonly kind: 'not_found' }
  /** what was kept is not there any more, or was altered and does not open */
  | { readonly kind: 'damaged' };

export const REASON_LIMIT = 1000;

/** @throws NotAllowed; StagingUnavailableError, StagingRefusedError */
export async function openOriginal(
  deps: OriginalDeps,
  actor: Actor,
  request: OriginalRequest,
): Promise<OriginalResult> {
  authorize(actor, 'content.read');
  const reason = request.reason.trim();
  if (reason.length < 3 || reason.length > REASON_LIMIT) return { kind: 'bad_reason' };
  const { connectorId, kind, row } = request;
  const place = await findOriginal(deps.pool, actor.organizationId, connectorId, kind, row);
  if (place === null) return { kind: 'not_found' };
  const body = await openFrame(deps, actor.organizationId, place);
  if (body === null) return { kind: 'damaged' };
  const eml = kind === 'unreadable' ? rawEml(deps, place, body) : await plannedEml(deps, actor, place, body);
  const detail = { kind, item: place.sourceItemId, import: place.importId, reason };
  await auditIn(deps.pool, actor, { action: 'original.opened', connectorId, detail });
  return { kind: 'found', fileName: fileNameOf(place.sourceItemId), eml: eml() };
}

async function openFrame(deps: OriginalDeps, organizationId: string, place: OriginalPlace): Promise<Buffer | null> {
  const frame = {
    blob: pageName(organizationId, place.importId, place.page),
    offset: place.frameOffset,
    length: place.frameLength,
    itemIdentity: itemIdentity(scopeOf(organizationId, place), place.sourceItemId),
  };
  try {
    for await (const { body } of deps.staging.readFrames(deps.keyRing, [frame])) return body;
    return null;
  } catch (error) {
    if (error instanceof StagedContentMissingError || error instanceof TamperedError) return null;
    throw error;
  }
}

function scopeOf(organizationId: string, { kind, account }: OriginalPlace): ItemScope {
  return { organizationId, kind, account };
}

function rawEml(deps: OriginalDeps, place: OriginalPlace, json: Buffer): () => Readable {
  const { sourceItemId, archivedAt } = place;
  return () => emlOfRawItem({ sourceItemId, archivedAt, json, unmappedDomain: deps.unmappedDomain });
}

/** The message as it is, or would be, in the mailbox, with everything that is staged. A stream of it begins to read at once. */
async function plannedEml(
  deps: OriginalDeps,
  actor: Actor,
  place: OriginalPlace,
  body: Buffer,
): Promise<() => Readable> {
  const rows = (await attachmentsOfItems(deps.pool, [place])).get(place.itemId) ?? [];
  const of = {
    scope: scopeOf(actor.organizationId, place),
    facts: deps.mailFacts(place.kind),
    unmappedDomain: deps.unmappedDomain,
  };
  const plan = planMessage(mailInputOf(decodeFrame(body), rows, of));
  const staged = stagedById(rows);
  return () => emlOfPlan(plan, ({ id }) => attachmentBytes(deps, staged.get(id)));
}

async function* attachmentBytes(
  { staging, keyRing }: { readonly staging: SealedBlobs; readonly keyRing: KeyRing },
  row: AttachmentRow | undefined,
): AsyncGenerator<Uint8Array> {
  if (!row?.dataKey) throw new Error('a planned attachment is not staged');
  const dataKey = unwrapDataKey(keyRing, row.dataKey, dataKeyContext(row.id));
  yield* staging.readAttachment(attachmentName(row.organizationId, row.importId, BigInt(row.id)), dataKey);
}

/** A name that every system takes, and that says which item it is. */
function fileNameOf(sourceItemId: string): string {
  return `original-${sourceItemId.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 80)}.eml`;
}
