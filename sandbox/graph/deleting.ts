/** What Delete does to a message, as its owner deletes in Outlook: by where it lies. */
import { RECOVERABLE } from './mailbox-schema.ts';
import type { FolderView } from './views.ts';

/** in a folder of the owner's, in Deleted Items or below, or in the recoverable items behind it */
export type DeletionStage = 'kept' | 'deleted' | 'recoverable';

const DELETED = 'deleteditems';

/** The stage of what lies in a folder. */
export function deletionStage(folders: readonly FolderView[], folderId: string): DeletionStage {
  const folder = folders.find((one) => one.id === folderId);
  if (folder === undefined) return 'kept';
  if (folder.wellKnownName === RECOVERABLE) return 'recoverable';
  if (folder.wellKnownName === DELETED) return 'deleted';
  return folder.parentId === null ? 'kept' : deletionStage(folders, folder.parentId);
}

/** The well-known folder that Delete moves a message to; undefined where only a purge is left. */
export function deletionTarget(stage: DeletionStage): string | undefined {
  if (stage === 'recoverable') return undefined;
  return stage === 'kept' ? DELETED : RECOVERABLE;
}
