/** Single lines of foreign text: names, subjects, notes. What a phone sends here may hold anything. */

// Controls, line and paragraph separators, and the embedding, override and isolate marks that show a line in another
// order than it is written in.
const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** One line, well-formed, without controls or doubled spaces, of at most `limit` UTF-16 units. May be empty. */
export function cleanLine(text: string, limit: number): string {
  // Twice the limit is enough to cut from: nobody scans a name of ten megabytes.
  const start = text.length > limit * 2 ? text.slice(0, limit * 2) : text;
  const line = start.toWellFormed().replace(NOT_IN_A_LINE, ' ').replace(/ {2,}/g, ' ').trim();
  return line.length <= limit ? line : `${cutAt(line, limit - 1).trimEnd()}…`;
}

/** The first `limit` UTF-16 units, one less where that would split a character. */
export function cutAt(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
