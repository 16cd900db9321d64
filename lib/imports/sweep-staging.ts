/**
 * Removes staged content that no row names: pages and attachments whose writer died before its transaction, that two workers
 * staged at once, or that were made ready behind a page which could not be written. Only after 48 hours, when whoever wrote it
 * has long written its row or died.
 */
import { organizationPrefix, parseStagedName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';

const GRACE_MS = 48 * 60 * 60 * 1000;
/** Blobs that one query asks about. */
const SET = 1000;

interface Candidate {
  readonly name: string;
  readonly importId: string;
  readonly kind: 'pages' | 'attachments';
  readonly id: string;
}

/** @param now what staging's clock is compared with */
export async function sweepStaging(
  deps: ImportDeps,
  organizationId: string,
  signal: AbortSignal,
  now: Date = deps.clock.date(),
): Promise<void> {
  let candidates: Candidate[] = [];
  const removeUnnamed = async (): Promise<void> => {
    const [first] = candidates;
    if (!first) return;
    const named = await deps.ledger.namedContent(organizationId, first.importId, {
      pages: candidates.filter(({ kind }) => kind === 'pages').map(({ id }) => id),
      attachments: candidates.filter(({ kind }) => kind === 'attachments').map(({ id }) => id),
    });
    for (const { name, kind, id } of candidates) {
      if (named[kind].has(id)) continue;
      deps.log.info({ name }, 'staged content without a row is removed');
      await deps.staging.delete(name);
    }
    candidates = [];
  };
  // By name, and so import by import.
  for await (const { name, modifiedAt } of deps.staging.list(organizationPrefix(organizationId))) {
    if (signal.aborted) return;
    const staged = parseStagedName(name);
    if (staged === null || now.getTime() - modifiedAt.getTime() < GRACE_MS) continue;
    if (candidates.length === SET || (candidates[0] && candidates[0].importId !== staged.importId))
      await removeUnnamed();
    candidates.push({ name, importId: staged.importId, kind: staged.kind, id: staged.id });
  }
  await removeUnnamed();
}
