/** What the other side said of a notice, as it is kept and shown. */

export interface Answer {
  readonly ok: boolean;
  /** in the server's own words, cut and without control characters */
  readonly answer: string;
}

const LONGEST = 300;

/** A stranger's text in one line that a page and a log can hold. */
export function printable(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
}
