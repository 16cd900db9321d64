/** What the other side said of a notice, as it is kept and shown. */

export interface Answer {
  readonly ok: boolean;
  /** in the server's own words, cut and without control characters */
  readonly answer: string;
  /** nothing of ours gets through to the server now: what else waits for it need not be tried */
  readonly isAway?: boolean;
}

const LONGEST = 300;

/** A stranger's text in one line that a page and a log can hold. */
export function printable(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
}
