/**
 * Evidence: what the ledger can show of an item, from its arrival at the source to the message in a mailbox, and whether the
 * mailbox still has it. Reads alone: who decides, sends and corrects is elsewhere. No message text is ever read here.
 *
 * This file: what proof is asked of, as people write it and as addresses have it. Pure.
 */
import { z } from 'zod';
import type { EvidenceView, Subject } from './address.ts';

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
