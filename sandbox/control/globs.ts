/** Routes with `*` for any text, in any case: `POST /v1.0/users/*`. */

/**
 * Whether a text fits, asked of the pieces between the stars from left to right. A regular expression made of the glob
 * would try every way to share the text among the stars, and a rule with thirty of them would hold the process up.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const [head = '', ...pieces] = glob.toLowerCase().split('*');
  const tail = pieces.pop();
  const middle = pieces.filter((piece) => piece !== '');
  return (text) => {
    const lower = text.toLowerCase();
    if (tail === undefined) return lower === head;
    const end = lower.length - tail.length;
    if (end < head.length || !lower.startsWith(head) || !lower.endsWith(tail)) return false;
    let at = head.length;
    for (const piece of middle) {
      const found = lower.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/**
 * Whether any text fits both. Here a glob may also say `{}` for one segment of a path.
 */
export function globsMeet(left: string, right: string): boolean {
  const [a, b] = [partsOf(left), partsOf(right)];
  const width = b.length + 1;
  /** pairs of places, one in each glob, that one text leads to; as `place in a * width + place in b` */
  const reached = new Set([0]);
  // a set that grows while it is walked is walked to its new end
  for (const pair of reached) {
    const [atA, atB] = [Math.floor(pair / width), pair % width];
    for (const [nextA, nextB] of stepsFrom(a[atA], b[atB])) reached.add((atA + nextA) * width + atB + nextB);
  }
  return reached.has(a.length * width + b.length);
}

/** A character; or any text, or any without `/`, of which a text takes as many characters as it likes. */
type Part = string | typeof ANY | typeof SEGMENT;
const ANY = Symbol('any text');
const SEGMENT = Symbol('any text without a slash');

function partsOf(glob: string): readonly Part[] {
  const pieces = glob.toLowerCase().match(/\*+|\{\}|./gs) ?? [];
  return pieces.flatMap((piece): readonly Part[] => {
    if (piece.startsWith('*')) return [ANY];
    return piece === '{}' ? [SEGMENT] : [piece];
  });
}

/** How far both globs go by one more character, or by ending a star; undefined is the end of a glob. */
function* stepsFrom(a: Part | undefined, b: Part | undefined): Generator<readonly [number, number]> {
  if (typeof a === 'symbol') yield [1, 0];
  if (typeof b === 'symbol') yield [0, 1];
  if (typeof a === 'string' && a === b) yield [1, 1];
  if (typeof a === 'string' && takes(b, a)) yield [1, 0];
  if (typeof b === 'string' && takes(a, b)) yield [0, 1];
}

function takes(part: Part | undefined, character: string): boolean {
  return part === ANY || (part === SEGMENT && character !== '/');
}
