/**
 * Evidence: what the ledger can show of an item, from its arrival at the source to the message in a mailbox, and whether the
 * mailbox still has it. Reads alone: who decides, sends and corrects is elsewhere. No message text is ever read here.
 *
 * This file: what proof is asked of, as people write it and as addresses have it. Pure.
 */
import { z } from 'zod';

export type Subject =
  /** the source's own id; of any account of the organization */
  | { readonly kind: 'item'; readonly sourceItemId: string }
  /** E.164 */
  | { readonly kind: 'number'; readonly number: string }
  /** Graph object id */
  | { readonly kind: 'person'; readonly userId: string }
  /** UTC day of arrival at the source, as 2026-11-21 */
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'import'; readonly importId: string };

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** A day as people write it, as 2026-11-21; null where it is none. */
export function dayOf(text: string): string | null {
  if (!DAY.test(text)) return null;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}

/** `import 12`, `#12`; null where no import is named by its number. */
export function importNumberOf(text: string): number | null {
  const [, number] = /^(?:import\s*#?|#)\s*([1-9]\d{0,8})$/i.exec(text) ?? [];
  return number === undefined ? null : Number(number);
}

/** As it stands in an address: `number:+12125550118`. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'item':
      return `item:${subject.sourceItemId}`;
    case 'number':
      return `number:${subject.number}`;
    case 'person':
      return `person:${subject.userId}`;
    case 'day':
      return `day:${subject.day}`;
    case 'import':
      return `import:${subject.importId}`;
  }
}

/** The subject that a key names; null where it is none. */
export function parseSubject(key: string): Subject | null {
  const [, kind, value = ''] = /^(item|number|person|day|import):(.{1,1024})$/s.exec(key) ?? [];
  const isId = z.guid().safeParse(value).success;
  switch (kind) {
    case 'item':
      return { kind, sourceItemId: value };
    case 'number':
      return /^\+[1-9]\d{4,14}$/.test(value) ? { kind, number: value } : null;
    case 'person':
      return isId ? { kind, userId: value.toLowerCase() } : null;
    case 'day':
      return dayOf(value) === null ? null : { kind, day: value };
    case 'import':
      return isId ? { kind, importId: value.toLowerCase() } : null;
    default:
      return null;
  }
}

/** The page's state, all of it in its address. */
export interface EvidenceView {
  /** what was typed */
  readonly text: string;
  /** which reading of it was chosen; null: the only one */
  readonly of: Subject | null;
  /** key of the item that the next page follows; null for the newest */
  readonly after: string | null;
  /** key of the item that is opened */
  readonly open: string | null;
}

const LONGEST = 320;

/** @param query what stands in an address: what makes no sense is left out */
export function evidenceView(query: URLSearchParams): EvidenceView {
  return {
    text: (query.get('q') ?? '').trim().slice(0, LONGEST),
    of: parseSubject(query.get('of') ?? ''),
    after: query.get('after'),
    open: query.get('item'),
  };
}

/** The address of a view. */
export function evidenceAddress({ text, of, after, open }: Partial<EvidenceView>): string {
  const query = new URLSearchParams();
  if (text) query.set('q', text);
  if (of) query.set('of', subjectKey(of));
  if (after) query.set('after', after);
  if (open) query.set('item', open);
  return query.size === 0 ? '/evidence' : `/evidence?${query}`;
}
