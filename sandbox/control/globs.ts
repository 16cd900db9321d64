/** Routes with `*` for any text, in any case: `POST /v1.0/users/*`. */

export function globPattern(glob: string): RegExp {
  const escaped = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}

/** Whether any text fits both. */
export function globsMeet(left: string, right: string): boolean {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  /** places in `b` that can be reached when `a` is read up to here */
  let reached = new Set(throughStars(b, [0]));
  for (const character of a) {
    const next = new Set<number>();
    if (character === '*') {
      const first = Math.min(...reached);
      for (let at = first; at <= b.length; at += 1) next.add(at);
    } else {
      for (const at of reached) {
        if (b[at] === '*') next.add(at);
        else if (b[at] === character) next.add(at + 1);
      }
    }
    reached = new Set(throughStars(b, next));
    if (reached.size === 0) return false;
  }
  return reached.has(b.length);
}

/** A `*` in `text` may stand for nothing. */
function* throughStars(text: string, places: Iterable<number>): Generator<number> {
  for (const place of places) {
    yield place;
    for (let at = place; text[at] === '*'; at += 1) yield at + 1;
  }
}
