/** Characters that nobody sees: they come along when people copy, and they hide what is written. Pure. */

/** Zero-width characters, direction marks, soft hyphens, variation selectors; control characters, blanks left out. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/u;
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu');
/** What a keyboard without further keys writes: nothing in it can be unseen, and nearly every cell is of it. */
const PLAIN = /^[\x20-\x7e]*$/;

export function hasInvisible(text: string): boolean {
  return !PLAIN.test(text) && UNSEEN.test(text);
}

/** Removes what cannot be seen. */
export function withoutInvisible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(ALL_UNSEEN, '');
}

/** Writes what cannot be seen by its code point: `‹U+200E›+44 20 7946 0000`. */
export function withInvisibleShown(text: string): string {
  return PLAIN.test(text) ? text : text.replace(ALL_UNSEEN, codePoint);
}

function codePoint(character: string): string {
  return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}
