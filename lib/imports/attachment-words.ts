/** What a message says of its attachments that are not there, or not as they were announced. Pure. */
import type { SourceAttachment } from '../archive/item.ts';
import type { AttachmentContent } from '../mail/attachments.ts';
import { isReasonCode, type ReasonCode, reasonOf } from './reasons.ts';
import type { AttachmentRow } from './store/attachments.ts';

type Row = Pick<AttachmentRow, 'state' | 'reason' | 'size' | 'sha256' | 'sourceAttachmentId'>;

/** By the source's id. Where an item lists one attachment twice, the row that has its bytes counts. */
export function contentsOf(rows: readonly Row[]): Map<string, AttachmentContent> {
  const contents = new Map<string, AttachmentContent>();
  for (const row of rows) {
    const { sourceAttachmentId: id, size, sha256 } = row;
    if (row.state === 'staged' && sha256) contents.set(id, { size, sha256: sha256.toString('hex') });
    else if (!contents.has(id)) contents.set(id, { missing: reasonOf(reasonOfRow(row)).sentence });
  }
  return contents;
}

/** The sentence about an attachment that is there and not what was announced; none for any other. */
export function differenceOf(row: Row, announced: SourceAttachment | undefined): string[] {
  if (row.state !== 'staged' || row.reason === null || !announced) return [];
  const stated = announced.sha256 ? ` with SHA-256 ${announced.sha256}` : '';
  const given = `${row.size} bytes with SHA-256 ${row.sha256?.toString('hex') ?? 'unknown'}`;
  return [`Attachment ${announced.name}: ${announced.size} bytes${stated} were announced, and ${given} were given.`];
}

export function reasonOfRow({ reason }: Pick<Row, 'reason'>): ReasonCode {
  return reason !== null && isReasonCode(reason) ? reason : 'attachment_missing';
}

/**
 * Why a message is only a part of its item; null where it is whole.
 *
 * @param mended paths of the item that were not understood
 */
export function shortfallOf(rows: readonly Row[], mended: readonly string[]): ReasonCode | null {
  const staged = new Set(rows.filter(({ state }) => state === 'staged').map((row) => row.sourceAttachmentId));
  const lacking = rows.filter((row) =>
    row.state === 'staged' ? row.reason !== null : !staged.has(row.sourceAttachmentId),
  );
  const reasons = new Set<ReasonCode>(lacking.map(reasonOfRow));
  if (mended.some((path) => /^attachments(?:\[\d+\])?$/.test(path))) reasons.add('attachment_not_understood');
  const [only, another] = reasons;
  return another === undefined ? (only ?? null) : 'attachment_missing';
}
