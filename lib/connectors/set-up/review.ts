/** Step 5: everything at a glance, and what is only known by asking the source and some mailboxes. */
import { z } from 'zod';
import { errorOfAnswer } from '../../microsoft/graph-errors.ts';
import { readInBatches } from '../../microsoft/read-in-batches.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { findKind } from '../catalogue.ts';
import { openPassword } from '../password.ts';
import { checkCoverage, type DraftCoverage, mailboxesOfUsers } from './coverage.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import { refusalOr, type SourceRefusal } from './login.ts';
import type { SetUpParts } from './parts.ts';
import * as store from './store.ts';

export interface Review {
  readonly kind: 'review';
  readonly draft: Draft;
  readonly coverage: DraftCoverage;
  /** the source's clock decides from when items can be had; a refusal where it does not answer */
  readonly range: FirstImportRange | SourceRefusal;
  /** mailboxes that have a folder of the connector's name, among those that were looked at */
  readonly folders: { readonly existing: number; readonly checked: number };
}

export interface FirstImportRange {
  readonly kind: 'range';
  readonly earliest: Date;
  /** up to where the source has settled: nothing later can be listed yet */
  readonly latest: Date;
  /** 24 hours ago */
  readonly proposed: Date;
}

/** Mailboxes that are asked for a folder: enough to warn, few enough to wait for. */
const MOST_FOLDER_CHECKS = 100;

/** @throws NotAllowed */
export async function review(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string },
): Promise<Review | NoDraft> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null || draft.login === null) return NO_DRAFT;
  const [range, coverage] = await Promise.all([
    firstImportRange(parts, draft),
    checkCoverage(parts, actor, { draftId: draft.id }),
  ]);
  if (coverage.kind === 'no_draft' || range.kind === 'no_draft') return NO_DRAFT;
  const folders = coverage.kind === 'checked' ? await foldersThatExist(parts, draft) : { existing: 0, checked: 0 };
  return { kind: 'review', draft, coverage, range, folders };
}

/** From when the first import may begin, by the source's clock and not ours. */
export async function firstImportRange(
  parts: SetUpParts,
  draft: Draft,
): Promise<FirstImportRange | SourceRefusal | NoDraft> {
  return refusalOr(parts, async () => {
    const credentials = await store.readCredentials(parts.database.prisma, draft.organizationId, draft.id);
    // Somebody else finished or discarded the draft since it was read.
    if (credentials === null) return NO_DRAFT;
    const password = openPassword(parts.keyRing, draft.id, credentials.passwordSealed);
    const { now, settledThrough, earliestRetained } = await parts
      .openSource(draft.kind, { username: credentials.username, password }, draft.organizationId)
      .clock();
    // A source that settles late may not have got as far as a day ago.
    const dayAgo = Math.min(now.getTime() - 24 * 3_600_000, settledThrough.getTime());
    const proposed = new Date(Math.max(dayAgo, earliestRetained.getTime()));
    return { kind: 'range' as const, earliest: earliestRetained, latest: settledThrough, proposed };
  });
}

const foldersSchema = z.object({ value: z.array(z.unknown()) });

async function foldersThatExist(parts: SetUpParts, draft: Draft): Promise<Review['folders']> {
  const folder = findKind(draft.kind)?.folder;
  if (folder === undefined) return { existing: 0, checked: 0 };
  const graph = parts.graphOf(draft.organizationId);
  const mailboxes = await mailboxesOfUsers(parts, draft, MOST_FOLDER_CHECKS);
  const filter = encodeURIComponent(`displayName eq '${folder.replaceAll("'", "''")}'`);
  const urls = mailboxes.map(
    (id) => `/users/${encodeURIComponent(id)}/mailFolders?$select=id&$top=1&$filter=${filter}`,
  );
  const answers = await readInBatches(graph, urls).catch((error: unknown) => {
    // A warning is worth a look, not a page that fails.
    parts.log.warn({ connectorId: draft.id, error: String(error) }, 'mailboxes could not be asked for their folders');
    return [];
  });
  const good = answers.filter((answer) => errorOfAnswer(answer, 'GET', parts.clock()) === null);
  const existing = good.filter(({ body }) => (foldersSchema.safeParse(body).data?.value.length ?? 0) > 0);
  return { existing: existing.length, checked: good.length };
}
