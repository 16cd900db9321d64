/** Folders and attachments as Graph writes them, and what `$select` leaves of an object. */
import { graphTime } from './extended-properties.ts';
import { attachmentId, folderId } from './ids.ts';
import type { AttachmentRow, FolderCounts, FolderRow } from './rows.ts';

export type Json = Readonly<Record<string, unknown>>;

/** @param counts asked when a property of them is read, since counting a full folder takes long */
export function folderJson(folder: FolderRow, counts: () => FolderCounts): Json {
  return {
    id: folderId(folder.seq),
    displayName: folder.displayName,
    parentFolderId: folder.parent === null ? null : folderId(folder.parent),
    get totalItemCount() {
      return counts().totalItemCount;
    },
    get unreadItemCount() {
      return counts().unreadItemCount;
    },
    get childFolderCount() {
      return counts().childFolderCount;
    },
    isHidden: folder.hidden,
  };
}

export function attachmentJson(message: number, row: AttachmentRow, content: 'with content' | 'without content'): Json {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    '@odata.mediaContentType': row.contentType,
    id: attachmentId(message, row.seq),
    lastModifiedDateTime: graphTime(row.modified),
    name: row.name,
    contentType: row.contentType,
    size: row.size,
    isInline: row.isInline,
    contentId: row.contentId,
    contentLocation: null,
    ...(content === 'with content' && {
      contentBytes: row.content === null ? null : Buffer.from(row.content).toString('base64'),
    }),
  };
}

/** The properties that `$select` names, with the annotations that always come; without `$select` all of them. */
export function selected(json: Json, select: readonly string[] | undefined): Json {
  if (select === undefined) return json;
  const wanted = new Set([...select.map((name) => name.toLowerCase()), 'id']);
  const names = Object.keys(json).filter((name) => name.startsWith('@') || wanted.has(name.toLowerCase()));
  return Object.fromEntries(names.map((name) => [name, json[name]]));
}
