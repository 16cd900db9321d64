/**
 * The body: the message's text as it was, and apart from it what the archive has to say about it.
 *
 * Newlines of every kind (CR LF, LF, CR) become CR LF in a text body and LF in HTML; nothing else changes, except that
 * NUL and lone surrogates, which mail cannot carry, become U+FFFD and a note says so. The archive's own lines stand at
 * the end, behind `NOTES_LINE`. A text that has such a line itself always gets notes, so the last one is ours.
 */
import type { ItemType } from '#lib/archive/item.ts';
import { cutAt } from './line.ts';

export interface MailBody {
  readonly contentType: 'text' | 'html';
  readonly content: string;
}

/** A text made fit for mail, with LF newlines. */
export interface FitText {
  readonly text: string;
  /** characters became U+FFFD */
  readonly replaced: boolean;
  /** the body holds only the beginning */
  readonly cut: boolean;
}

export interface BodyParts {
  /** a call's lines */
  readonly lead: readonly string[];
  readonly text: string;
  readonly notes: readonly string[];
}

export interface InlineImage {
  readonly contentId: string;
  readonly name: string;
}

export const NOTES_LINE = '---------- Added by the archive ----------';
const OWN_LINE_NOTE = 'The message itself contains a line like the one above.';

/** Up to here a text is never over the limit, whatever its characters: JSON needs six bytes for one at most. */
export const SHORT_TEXT = 160_000;
const BODY_LIMIT_BYTES = 1_000_000;

/** Cuts what needs more than 1 MB in JSON to its first 160,000 characters; the whole is then attached. */
export function fitText(original: string): FitText {
  const lineFeeds = withLineFeeds(original);
  const cut = lineFeeds.length > SHORT_TEXT && Buffer.byteLength(JSON.stringify(lineFeeds)) > BODY_LIMIT_BYTES;
  const shown = cut ? cutAt(lineFeeds, SHORT_TEXT) : lineFeeds;
  const text = shown.includes('\0') ? shown.replaceAll('\0', '\ufffd').toWellFormed() : shown.toWellFormed();
  // What the body leaves out is in a file, whose encoding has no half characters either.
  return { text, replaced: text !== shown || (cut && !original.isWellFormed()), cut };
}

export function textBody(parts: BodyParts): MailBody {
  const notes = notesOf(parts);
  const sections: string[] = [];
  if (parts.lead.length > 0) sections.push(parts.lead.join('\n'));
  if (parts.text !== '') sections.push(parts.text);
  if (notes.length > 0) sections.push([NOTES_LINE, ...notes.map((note) => `- ${note}`)].join('\n'));
  const content = sections.join('\n\n');
  return { contentType: 'text', content: content.includes('\n') ? content.replaceAll('\n', '\r\n') : content };
}

export function htmlBody(parts: BodyParts, images: readonly InlineImage[]): MailBody {
  const notes = notesOf(parts);
  const pictures = images.map(({ contentId, name }) => `<p><img src="cid:${contentId}" alt="${escapeHtml(name)}"></p>`);
  const content = [
    '<html><body>',
    parts.lead.length === 0 ? '' : `<p>${parts.lead.map(escapeHtml).join('<br>')}</p>`,
    `${TEXT_OPEN}${escapeHtml(parts.text)}</div>`,
    ...pictures,
    notes.length === 0
      ? ''
      : `<hr><p>${NOTES_LINE}</p><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    '</body></html>',
  ].join('');
  return { contentType: 'html', content };
}

/** The message's own text out of a body of ours, with LF newlines. The inverse of `textBody` and `htmlBody`. */
export function textOfBody(body: MailBody, type: ItemType): string {
  if (body.contentType === 'html') return textOfHtml(body.content);
  const content = withLineFeeds(body.content);
  const notesAt = content.lastIndexOf(`\n\n${NOTES_LINE}\n`);
  const message = notesAt >= 0 ? content.slice(0, notesAt) : content.startsWith(`${NOTES_LINE}\n`) ? '' : content;
  if (type !== 'voiceCall' && type !== 'callLog') return message;
  const leadEnd = message.indexOf('\n\n');
  return leadEnd < 0 ? '' : message.slice(leadEnd + 2);
}

/** CR LF and CR as LF: how texts are compared. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

const TEXT_OPEN = '<div style="white-space: pre-wrap">';

function notesOf({ text, notes }: BodyParts): readonly string[] {
  return notes.length === 0 && text.includes(NOTES_LINE) ? [OWN_LINE_NOTE] : notes;
}

function textOfHtml(content: string): string {
  const start = content.indexOf(TEXT_OPEN);
  if (start < 0) return '';
  const end = content.indexOf('</div>', start);
  const escaped = content.slice(start + TEXT_OPEN.length, end);
  return withLineFeeds(
    escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

function escapeHtml(text: string): string {
  if (!/[&<>"]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
