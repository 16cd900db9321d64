/**
 * Internet message headers for those who read the archive with other tools. Graph takes at most five, each named `x-…`
 * and of at most 995 characters.
 */
import { sha256 } from './sha256.ts';

export interface HeaderFacts {
  readonly itemId: string;
  readonly type: string;
  readonly direction: string;
  readonly conversation: string;
  readonly contentHash: string;
}

export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

const VALUE_LIMIT = 995;

export function mailHeaders(facts: HeaderFacts): MailHeader[] {
  return [
    { name: 'x-archive-item-id', value: headerValue(facts.itemId) },
    { name: 'x-archive-item-type', value: facts.type },
    { name: 'x-archive-direction', value: facts.direction },
    { name: 'x-archive-conversation', value: headerValue(facts.conversation) },
    { name: 'x-archive-content-hash', value: facts.contentHash },
  ];
}

/** Visible ASCII stays, the rest and `%` are percent-encoded; too long a value keeps its beginning and gets its hash. */
export function headerValue(text: string): string {
  const wellFormed = text.toWellFormed();
  const ascii = wellFormed.replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent);
  return ascii.length <= VALUE_LIMIT ? ascii : `${ascii.slice(0, 900)}~sha256:${sha256(wellFormed)}`;
}
