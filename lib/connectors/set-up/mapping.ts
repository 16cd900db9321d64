/** Step 3: user mapping. A file is checked and in force as soon as it is uploaded: a draft imports nothing. */

import { audit, auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { readNumbersIn } from '../../imports/source-users.ts';
import type { FileRefusal, RowError } from '../../mapping/mapping-file.ts';
import { isRegion, type Region } from '../../mapping/number.ts';
import { applyVersion, versionInForce, withdrawInForce } from '../../mapping/store/in-force.ts';
import { discardVersion } from '../../mapping/store/versions.ts';
import { uploadMapping } from '../../mapping/upload.ts';
import { domainsToCheck } from '../../organizations/profile.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { hexOf } from '../mapping/store/versions.ts';
import { type DraftMappingFile, NO_DRAFT, type NoDraft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import { nameOf } from './start.ts';
import * as store from './store.ts';

export interface UploadMappingInput {
  readonly draftId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** in which national numbers of the file are read; becomes the draft's */
  readonly defaultRegion: Region;
  /** the explicit choice to go on without the rows that have errors: as many as were shown. 0: nobody chose */
  readonly leaveOut: number;
  /** ends the reading; nothing is stored then */
  readonly signal?: AbortSignal;
}

export type UploadMappingResult =
  | { readonly kind: 'in_force'; readonly file: DraftMappingFile }
  | {
      readonly kind: 'erroneous';
      readonly rowCount: number;
      readonly erroneousRowCount: number;
      readonly firstErrors: readonly RowError[];
    }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  | NoDraft;

/** The verified domains that addresses of a file are checked by; empty before admin consent. @throws NotAllowed */
export function domainsOfFile(parts: SetUpParts, actor: Actor): Promise<readonly string[]> {
  authorize(actor, 'mapping.manage');
  return domainsToCheck(parts.database.prisma, parts.graphOf(actor.organizationId), parts.clock());
}

/** @throws NotAllowed; the signal's reason */
export async function uploadMappingFile(
  parts: SetUpParts,
  actor: Actor,
  input: UploadMappingInput,
): Promise<UploadMappingResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const { prisma, pool } = parts.database;
  const { draftId, fileName, defaultRegion } = input;
  const draft = await store.readDraft(prisma, organizationId, draftId);
  if (draft === null || draft.login === null) return NO_DRAFT;
  const versionId = parts.newId();
  const uploaded = await uploadMapping(pool, {
    id: versionId,
    organizationId,
    connectorId: draftId,
    origin: 'file',
    fileName,
    createdBy: nameOf(actor),
    reason: null,
    bytes: input.bytes,
    options: {
      region: defaultRegion,
      verifiedDomains: new Set(await domainsOfFile(parts, actor)),
      signal: input.signal,
    },
    leaveOut: input.leaveOut,
  });
  if (uploaded.kind === 'no_connector') return NO_DRAFT;
  if (uploaded.kind !== 'stored') return uploaded;
  const { rowCount, leftOutCount } = uploaded;
  const file: DraftMappingFile = { versionId, fileName, rowCount, leftOutCount };
  const applied = await inTransaction(pool, async (client) => {
    // Reading a long file takes a while. Whoever finished the draft meanwhile has seen another mapping.
    const held = await store.lockDraft(client, organizationId, draftId);
    if (held === null || held.sourceId === null) {
      await discardVersion(client, organizationId, versionId);
      return false;
    }
    const comparedWith = (await versionInForce(client, organizationId, draftId))?.id ?? null;
    const at = parts.clock();
    const application = { organizationId, connectorId: draftId, versionId, comparedWith, appliedBy: nameOf(actor), at };
    if ((await applyVersion(client, application)) !== 'applied') return false;
    await readNumbersIn(client, { id: held.sourceId, organizationId }, defaultRegion);
    await store.reopenMapping(client, organizationId, draftId, defaultRegion);
    const sha256 = hexOf(uploaded.fileSha256);
    const detail = {
      file: fileName,
      sha256,
      version: uploaded.number,
      rows: rowCount,
      leftOut: leftOutCount,
      defaultRegion,
    };
    await auditIn(client, actor, { action: 'connector.mapping-uploaded', connectorId: draftId, detail });
    return true;
  });
  return applied ? { kind: 'in_force', file } : NO_DRAFT;
}

/** Takes the file out of force again. @throws NotAllowed */
export async function removeMappingFile(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string },
): Promise<{ readonly kind: 'removed' } | NoDraft> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const { draftId } = input;
  const removed = await inTransaction(parts.database.pool, async (client) => {
    if ((await store.lockDraft(client, organizationId, draftId)) === null) return false;
    const withdrawn = await withdrawInForce(client, organizationId, draftId);
    if (withdrawn === null) return true;
    await store.reopenMapping(client, organizationId, draftId);
    const detail = { file: withdrawn.fileName, version: withdrawn.number };
    await auditIn(client, actor, { action: 'connector.mapping-removed', connectorId: draftId, detail });
    return true;
  });
  return removed ? { kind: 'removed' } : NO_DRAFT;
}

export interface SaveMappingInput {
  readonly draftId: string;
  readonly automatic: boolean;
  readonly defaultRegion: string;
}

export type SaveMappingResult =
  | { readonly kind: 'saved' }
  /** neither automatic mapping nor a file: nothing could be imported */
  | { readonly kind: 'nothing_on' }
  /** the file in force was read in another region: it must be uploaded again */
  | { readonly kind: 'read_in_other_region'; readonly region: Region }
  | { readonly kind: 'unknown_region' }
  | NoDraft;

/** Confirms the step. @throws NotAllowed */
export async function saveMapping(
  parts: SetUpParts,
  actor: Actor,
  input: SaveMappingInput,
): Promise<SaveMappingResult> {
  authorize(actor, 'mapping.manage');
  const { prisma } = parts.database;
  const { draftId, automatic, defaultRegion } = input;
  if (!isRegion(defaultRegion)) return { kind: 'unknown_region' };
  const draft = await store.readDraft(prisma, actor.organizationId, draftId);
  if (draft === null || draft.login === null) return NO_DRAFT;
  const { file, defaultRegion: readIn } = draft.mapping;
  if (!automatic && file === null) return { kind: 'nothing_on' };
  if (file !== null && defaultRegion !== readIn) return { kind: 'read_in_other_region', region: readIn };
  const source = { id: draft.login.sourceId, organizationId: actor.organizationId };
  if (defaultRegion !== readIn) {
    await inTransaction(parts.database.pool, (client) => readNumbersIn(client, source, defaultRegion));
  }
  return prisma.$transaction(async (tx) => {
    const saved = await store.updateDraft(tx, actor.organizationId, draftId, {
      automaticMapping: automatic,
      defaultRegion,
      mappingConfirmedAt: parts.clock(),
    });
    if (!saved) return NO_DRAFT;
    const detail = { automatic, defaultRegion, file: file?.fileName ?? null, rows: file?.rowCount ?? 0 };
    await audit(tx, actor, { action: 'connector.mapping-chosen', connectorId: draftId, detail });
    return { kind: 'saved' };
  });
}
