/**
 * How each attachment gets into the mailbox: within the request that creates the message, in one of its own, or by an
 * upload session.
 */
import type { SourceAttachment } from '#lib/archive/item.ts';
import { type AttachmentNames, cleanContentType } from './attachment-names.ts';
import { sha256 } from './sha256.ts';

/** What staging knows of an attachment: its bytes' size and hash, or why it has none. */
export type AttachmentContent = { readonly size: number; readonly sha256: string } | { readonly missing: string };

export type AttachmentRoute = 'create' | 'post' | 'session';

export interface PlannedAttachment {
  /** key of its bytes: the source's attachment id, or `generated:…` for a file of ours, whose bytes are in `content` */
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  readonly sha256: string;
  readonly route: AttachmentRoute;
  /** set where the body shows it; it is then always in the create */
  readonly contentId: string | null;
  readonly content: Uint8Array | null;
}

/** Before it is decided how it travels. */
export type NamedAttachment = Omit<PlannedAttachment, 'route' | 'contentId'>;

export interface MissingAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  readonly reason: string | null;
}

/**
 * From here on by upload session. Graph takes single requests of up to 3,145,611 bytes and sessions from 2 MB on, both
 * measured (github.com/microsoftgraph/msgraph-sdk-java/pull/52), and documents 3 MB for both: a KiB below is inside all.
 */
export const SESSION_FROM_BYTES = 3 * 1024 * 1024 - 1024;

/** The JSON of a create, 4 MB for Graph, with room for its place in a batch. */
export const CREATE_LIMIT_BYTES = 3_500_000;

/** What every mail client shows and none executes. */
const SHOWN_IMAGES = new Set(['image/jpeg', 'image/jpg', 'image/png', 'image/gif', 'image/bmp', 'image/webp']);

/** Names what staging has, and lists what it has not. @param names may have given out names already */
export function nameAttachments(
  attachments: readonly SourceAttachment[],
  contents: ReadonlyMap<string, AttachmentContent>,
  names: AttachmentNames,
): { present: NamedAttachment[]; missing: MissingAttachment[] } {
  const present: NamedAttachment[] = [];
  const missing: MissingAttachment[] = [];
  for (const [index, attachment] of attachments.entries()) {
    const { id } = attachment;
    const contentType = cleanContentType(attachment.contentType);
    const name = names.give(attachment.name, contentType, index + 1);
    const content = contents.get(id);
    if (content === undefined || 'missing' in content) {
      missing.push({ name, contentType, size: attachment.size, reason: content?.missing ?? null });
    } else {
      present.push({ id, name, contentType, size: content.size, sha256: content.sha256, content: null });
    }
  }
  return { present, missing };
}

/** A file that the archive adds itself. */
export function generatedText(
  name: string,
  text: string,
  names: AttachmentNames,
  contentType = 'text/plain',
): NamedAttachment {
  const content = Buffer.from(text, 'utf8');
  return {
    id: `generated:${name}`,
    name: names.give(name, contentType, 0),
    contentType,
    size: content.length,
    sha256: sha256(content),
    content,
  };
}

export function isShownImage({ contentType, size }: { contentType: string; size: number }): boolean {
  return SHOWN_IMAGES.has(contentType) && size > 0 && size < SESSION_FROM_BYTES;
}

/**
 * Images that the body can show come first, then the others, each as long as there is room.
 *
 * @param room bytes of JSON that the create has left
 * @param show whether images may be shown at all
 */
export function routeAttachments(named: readonly NamedAttachment[], room: number, show: boolean): PlannedAttachment[] {
  let left = room;
  const inCreate = new Set<NamedAttachment>();
  const byRank = show ? [...named.filter(isShownImage), ...named.filter((one) => !isShownImage(one))] : named;
  for (const attachment of byRank) {
    const bytes = jsonBytes(attachment);
    if (attachment.size >= SESSION_FROM_BYTES || bytes > left) continue;
    left -= bytes;
    inCreate.add(attachment);
  }
  return named.map((attachment, index) => {
    const within = inCreate.has(attachment);
    const route = within ? 'create' : attachment.size < SESSION_FROM_BYTES ? 'post' : 'session';
    const shown = show && within && isShownImage(attachment);
    return {
      ...attachment,
      route,
      contentId: shown ? `image-${index + 1}-${attachment.sha256.slice(0, 16)}@archive` : null,
    };
  });
}

/** An upper bound of what it takes in the create, its place in an HTML body included. */
export function jsonBytes({ name, contentType, size }: Pick<NamedAttachment, 'name' | 'contentType' | 'size'>): number {
  return 4 * Math.ceil(size / 3) + 12 * name.length + contentType.length + 500;
}
