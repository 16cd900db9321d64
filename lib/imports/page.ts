/**
 * A page of the feed, item by item: understood or not, and what it is known by. Pure. Nothing that the source sends is
 * trusted, and one item that cannot be understood is that item's matter alone.
 */
import { createHash } from 'node:crypto';
import { ITEM_TYPES, type Item, isIdentifier, itemSchema } from '../archive/item.ts';
import type { TimeRange } from '../archive/source.ts';
import { messageTime, parseTime } from '../archive/times.ts';
import type { ReasonCode } from './reasons.ts';

interface Entry {
  /** unique in the source's account; made from the content where the source gave none that can be stored */
  readonly sourceItemId: string;
  /** of the item as the source gave it, in canonical JSON */
  readonly sha256: Buffer;
  /** when it reached the source, clamped into the window that listed it */
  readonly archivedAt: Date;
}

export interface ReadableEntry extends Entry {
  readonly kind: 'readable';
  readonly item: Item;
  /** when it was sent on the phone; null where the phone's time is impossible */
  readonly messageTime: Date | null;
}

export interface UnreadableEntry extends Entry {
  readonly kind: 'unreadable';
  readonly reason: Extract<ReasonCode, 'unreadable_schema' | 'unreadable_type'>;
  readonly raw: unknown;
}

export type PageEntry = ReadableEntry | UnreadableEntry;

/** Reads a page's items in their order. Never throws. */
export function readPage(items: readonly unknown[], window: TimeRange): PageEntry[] {
  return items.map((raw) => readEntry(raw, window));
}

function readEntry(raw: unknown, window: TimeRange): PageEntry {
  const sha256 = createHash('sha256').update(canonicalJson(raw)).digest();
  const parsed = itemSchema.safeParse(raw);
  if (parsed.success) {
    const item = parsed.data;
    const archivedAt = clamp(parseTime(item.archivedTime), window);
    const { sentAt, impossible } = messageTime(item);
    return {
      kind: 'readable',
      sourceItemId: item.id,
      sha256,
      archivedAt,
      item,
      messageTime: impossible ? null : sentAt,
    };
  }
  const fields = fieldsOf(raw);
  const archived = typeof fields.archivedTime === 'string' ? parseTime(fields.archivedTime) : null;
  return {
    kind: 'unreadable',
    sourceItemId: isIdentifier(fields.id) ? fields.id : `sha256:${sha256.toString('hex')}`,
    sha256,
    archivedAt: clamp(archived, window),
    reason: isUnknownType(fields.type) ? 'unreadable_type' : 'unreadable_schema',
    raw,
  };
}

function fieldsOf(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {};
}

function isUnknownType(type: unknown): boolean {
  return typeof type === 'string' && !ITEM_TYPES.some((known) => known === type);
}

function clamp(time: number | null, { from, to }: TimeRange): Date {
  return new Date(Math.min(Math.max(time ?? from.getTime(), from.getTime()), to.getTime() - 1));
}

/** JSON with the members of every object in the order of their names: the same content gives the same bytes. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : member,
    ) ?? 'null'
  );
}

/** What of a page is new, what came before, and what came before with another content. */
export interface SortedPage {
  readonly fresh: readonly PageEntry[];
  readonly changed: readonly { readonly entry: PageEntry; readonly itemId: string | null; readonly archivedAt: Date }[];
  readonly repeats: number;
}

/** What the ledger knows of an item. */
export interface KnownItem {
  readonly itemId: string;
  readonly sha256: Buffer;
  readonly archivedAt: Date;
}

/** Sorts a page by what the ledger knows and by what the page itself repeats. */
export function sortPage(entries: readonly PageEntry[], known: ReadonlyMap<string, KnownItem>): SortedPage {
  const fresh = new Map<string, PageEntry>();
  const changed: { entry: PageEntry; itemId: string | null; archivedAt: Date }[] = [];
  let repeats = 0;
  for (const entry of entries) {
    const before = known.get(entry.sourceItemId);
    const twin = fresh.get(entry.sourceItemId);
    if (!before && !twin) {
      fresh.set(entry.sourceItemId, entry);
      continue;
    }
    repeats++;
    const sha256 = before?.sha256 ?? twin?.sha256;
    if (sha256 && !sha256.equals(entry.sha256)) {
      changed.push({
        entry,
        itemId: before?.itemId ?? null,
        archivedAt: before?.archivedAt ?? twin?.archivedAt ?? entry.archivedAt,
      });
    }
  }
  return { fresh: [...fresh.values()], changed, repeats };
}
