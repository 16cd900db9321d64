/**
 * A page of the feed, item by item: understood or not, and what it is known by. Pure. Nothing that the source sends is
 * trusted, and one item that cannot be understood is that item's matter alone.
 */
import { hash } from 'node:crypto';
import { ITEM_TYPES, type Item, isIdentifier } from '../archive/item.ts';
import { readItem } from '../archive/read-item.ts';
import type { TimeRange } from '../archive/source.ts';
import { messageTime, parseTime } from '../archive/times.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ReasonCode } from './reasons.ts';

interface Entry {
  /** unique in the source's account; made from the content where the source gave none that can be stored */
  readonly sourceItemId: string;
  /** of the item as the source gave it, in canonical JSON */
  readonly sha256: Buffer;
  /** that JSON. The item itself is not held: a page of them is three times as large, and lives until the page is staged */
  readonly original: string;
  /** when it reached the source, clamped into the window that listed it */
  readonly archivedAt: Date;
}

export interface ReadableEntry extends Entry {
  readonly kind: 'readable';
  readonly item: Item;
  /** when it was sent on the phone; null where the phone's time is impossible */
  readonly messageTime: Date | null;
  /** null for an item that is as agreed */
  readonly mended: Mended | null;
}

/** What of an item was not as agreed, and the item as the source gave it. */
export interface Mended {
  /** such as `attachments[2].size` */
  readonly fields: readonly string[];
  /** canonical JSON */
  readonly original: string;
}

export interface UnreadableEntry extends Entry {
  readonly kind: 'unreadable';
  readonly reason: Extract<ReasonCode, 'unreadable_schema' | 'unreadable_type'>;
}

export type PageEntry = ReadableEntry | UnreadableEntry;

/** Reads a page's items in their order. Never throws. */
export function readPage(items: readonly unknown[], window: TimeRange): PageEntry[] {
  return items.map((raw) => readEntry(raw, window));
}

function readEntry(raw: unknown, window: TimeRange): PageEntry {
  const original = canonicalJson(raw);
  const sha256 = hash('sha256', original, 'buffer');
  const read = readItem(raw);
  if (read) {
    const arrival = parseTime(read.item.archivedTime);
    const archivedAt = clamp(arrival, window);
    // What the source says of the arrival is believed only within the window that lists it: other times rest on it.
    const item =
      arrival === archivedAt.getTime() ? read.item : { ...read.item, archivedTime: archivedAt.toISOString() };
    const { sentAt, impossible } = messageTime(item);
    return {
      kind: 'readable',
      sourceItemId: item.id,
      sha256,
      original,
      archivedAt,
      item,
      messageTime: impossible ? null : sentAt,
      mended: read.mended.length === 0 ? null : { fields: read.mended, original },
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
    original,
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

/** What of a page is new, what came before, and what came before with another content. */
export interface SortedPage {
  readonly fresh: readonly PageEntry[];
  readonly changed: readonly ChangedEntry[];
  /** readable now, and known: where the ledger holds them as unreadable they are imported after all */
  readonly perhapsMended: readonly { readonly entry: ReadableEntry; readonly known: KnownItem }[];
  /** as they were when the ledger took them: where their sealed content is lost, this is it */
  readonly same: readonly { readonly entry: PageEntry; readonly known: KnownItem }[];
  readonly repeats: number;
}

export interface ChangedEntry {
  readonly entry: PageEntry;
  /** null where the item is on this page itself */
  readonly itemId: string | null;
  readonly archivedAt: Date;
}

/** What the ledger knows of an item. */
export interface KnownItem {
  readonly itemId: string;
  readonly sha256: Buffer;
  readonly archivedAt: Date;
}

/**
 * Sorts a page by what the ledger knows and by what the page itself repeats. Of two contents under one id the first
 * counts, unless only the second can be read.
 */
export function sortPage(entries: readonly PageEntry[], known: ReadonlyMap<string, KnownItem>): SortedPage {
  const fresh = new Map<string, PageEntry>();
  const changed: ChangedEntry[] = [];
  const perhapsMended: { entry: ReadableEntry; known: KnownItem }[] = [];
  const same: { entry: PageEntry; known: KnownItem }[] = [];
  let repeats = 0;
  for (const entry of entries) {
    const before = known.get(entry.sourceItemId);
    const twin = fresh.get(entry.sourceItemId);
    if (!before && !twin) {
      fresh.set(entry.sourceItemId, entry);
      continue;
    }
    repeats++;
    if (before) {
      if (entry.kind === 'readable') perhapsMended.push({ entry, known: before });
      if (before.sha256.equals(entry.sha256)) same.push({ entry, known: before });
      else changed.push({ entry, itemId: before.itemId, archivedAt: before.archivedAt });
    } else if (twin && !twin.sha256.equals(entry.sha256)) {
      const second = twin.kind === 'unreadable' && entry.kind === 'readable';
      if (second) fresh.set(entry.sourceItemId, entry);
      changed.push({
        entry: second ? twin : entry,
        itemId: null,
        archivedAt: second ? entry.archivedAt : twin.archivedAt,
      });
    }
  }
  return { fresh: [...fresh.values()], changed, perhapsMended, same, repeats };
}
