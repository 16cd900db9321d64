/** Domains that look like another one: `cornpany.com` beside `company.com`. Pure; runs in the browser too. */

/** Digits and pairs of letters that are read as another letter. One after the other: `c1` is `cl`, and that is `d`. */
const SHAPES: readonly (readonly [string, string])[] = [
  ['0', 'o'],
  ['1', 'l'],
  ['5', 's'],
  ['rn', 'm'],
  ['vv', 'w'],
  ['cl', 'd'],
  ['i', 'l'],
];

/** What is left of a domain to somebody who reads quickly. Two domains with the same one look alike. */
export function shapeOf(domain: string): string {
  return SHAPES.reduce((shape, [from, to]) => shape.replaceAll(from, to), domain);
}

/** The known domain that one looks like; null where it is known itself, or looks like none. */
export function lookedLike(domain: string, known: ReadonlySet<string>): string | null {
  if (known.has(domain)) return null;
  const shape = shapeOf(domain);
  for (const one of known) if (shapeOf(one) === shape) return one;
  return null;
}

export interface LookAlike {
  readonly domain: string;
  /** the one that more rows of the file have */
  readonly similar: string;
  readonly rows: readonly number[];
}

/** Domains of a file that are remembered. One with more of them is no organization's. */
const MOST_DOMAINS = 1_000;

/** The domains of a file and their rows, for where nobody knows which domains are the organization's. */
export class DomainRows {
  readonly #rows = new Map<string, number[]>();

  add(domain: string, row: number): void {
    const rows = this.#rows.get(domain);
    if (rows !== undefined) rows.push(row);
    else if (this.#rows.size < MOST_DOMAINS) this.#rows.set(domain, [row]);
  }

  /** Each domain that looks like another one of the file that has more rows, or as many and came first. */
  lookAlikes(): readonly LookAlike[] {
    const found: LookAlike[] = [];
    for (const alike of Map.groupBy(this.#rows, ([domain]) => shapeOf(domain)).values()) {
      const [most, ...others] = alike.toSorted(([, a], [, b]) => b.length - a.length);
      for (const [domain, rows] of others) found.push({ domain, similar: most?.[0] ?? '', rows });
    }
    return found;
  }
}
