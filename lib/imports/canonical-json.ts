/** JSON that is the same for the same content. */

/**
 * JSON with the members of every object in the order of their names: the same content gives the same bytes. What a
 * source sends may be nested deeper than a call stack is, so that is written without one.
 */
export function canonicalJson(value: unknown): string {
  try {
    return JSON.stringify(ordered(value)) ?? 'null';
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return withoutStack(value);
  }
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members).sort();
  // Set like any other it would be no member.
  if (names.includes('__proto__')) return Object.fromEntries(byName(value).map(([name, one]) => [name, ordered(one)]));
  const inOrder: Record<string, unknown> = {};
  for (const name of names) inOrder[name] = ordered(members[name]);
  return inOrder;
}

/** By name, but for names that are whole numbers: those come first, by value, as in every object. */
function inOrder(object: object): object {
  return Object.fromEntries(byName(object));
}

function byName(object: object): [string, unknown][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What is still to be written: text as it is, or a value. */
type Piece = { readonly text: string } | { readonly value: unknown };

function withoutStack(root: unknown): string {
  const written: string[] = [];
  const open: Piece[] = [{ value: root }];
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    if ('text' in piece) {
      written.push(piece.text);
      continue;
    }
    const { value } = piece;
    if (Array.isArray(value)) {
      const members = value.map((member): Piece[] => [{ value: member }]);
      openInReverse(open, '[', members, ']');
    } else if (typeof value === 'object' && value !== null) {
      const members = Object.entries(inOrder(value)).map(([name, member]): Piece[] => [
        { text: `${JSON.stringify(name)}:` },
        { value: member },
      ]);
      openInReverse(open, '{', members, '}');
    } else {
      written.push(JSON.stringify(value) ?? 'null');
    }
  }
  return written.join('');
}

/** So that what comes first is on top. */
function openInReverse(open: Piece[], begin: string, members: readonly (readonly Piece[])[], end: string): void {
  open.push({ text: end });
  for (let index = members.length - 1; index >= 0; index -= 1) {
    open.push(...(members[index] ?? []).toReversed());
    if (index > 0) open.push({ text: ',' });
  }
  open.push({ text: begin });
}
