/** The page of a package that a person reads, without a network: what is in it, its totals, and how it is checked. Pure. */
import type { ItemTotals } from './items.ts';
import type { Period } from './period.ts';

export interface ReportFacts {
  readonly organization: string;
  readonly period: Period;
  /** ISO 8601 in UTC: everything in it is of this moment */
  readonly asOf: string;
  readonly by: string;
  readonly totals: ItemTotals;
  readonly anchors: number;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** What a person does to check it. In the report and in README.txt. */
export const CHECKS = [
  'sha256sum -c SHA256SUMS',
  'openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig',
] as const;

const FILES: readonly (readonly [string, string])[] = [
  ['items.csv', 'every item with each of its copies, a line for each copy'],
  ['items.jsonl', 'the same as JSON, an item a line'],
  ['imports.csv', 'the imports whose time reaches into the period'],
  ['audit-log.jsonl', 'what people and the portal did in the period'],
  ['anchors.jsonl', "the signed heads of the audit log's chain, up to the first one after the period"],
  ['public-key.pem', 'verifies the signature; compare it with the one that the operator publishes'],
  ['SHA256SUMS, SHA256SUMS.sig', 'the hash of every other file, and the signature of these hashes'],
];

export function reportHtml(facts: ReportFacts): string {
  const { organization, period, asOf, by, totals, anchors } = facts;
  const table = (heading: string, counts: ReadonlyMap<string, number>): string =>
    `<h2>${heading}</h2><table>${[...counts]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([name, count]) => `<tr><th scope="row">${escaped(name)}</th><td>${count.toLocaleString('en-US')}</td></tr>`)
      .join('')}</table>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Evidence ${period.from} to ${period.to}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
  th { text-align: left; font-weight: normal; padding-right: 2rem } td { text-align: right; font-variant-numeric: tabular-nums }
  code { overflow-wrap: anywhere } dt { font-weight: 600 } dd { margin: 0 0 .5rem }
</style></head><body>
<h1>Evidence of imports</h1>
<p>${escaped(organization)}, items that reached the source from ${period.from} to ${period.to} (UTC, both days included).
Made by ${escaped(by)}. Everything in it is as of ${asOf}. No message text is in it.</p>
<p><strong>${totals.items.toLocaleString('en-US')}</strong> items, ${anchors.toLocaleString('en-US')} anchors of the audit log.</p>
${table('Items by outcome', totals.outcomes)}
${table('Copies by state', totals.copies)}
<h2>Files</h2>
<dl>${FILES.map(([name, what]) => `<dt>${name}</dt><dd>${escaped(what)}</dd>`).join('')}</dl>
<h2>Check it</h2>
<p>In the folder where it was unpacked:</p>
<ol>${CHECKS.map((command) => `<li><code>${escaped(command)}</code></li>`).join('')}</ol>
<p>The first says that no file was changed since it was listed, the second that this portal made the list.</p>
</body></html>
`;
}

export function readme({ period, asOf }: Pick<ReportFacts, 'period' | 'asOf'>): string {
  return [
    `Evidence of imports, ${period.from} to ${period.to} (UTC, both days included), as of ${asOf}.`,
    '',
    ...FILES.map(([name, what]) => `${name}: ${what}`),
    '',
    'Check it in this folder:',
    ...CHECKS.map((command) => `  ${command}`),
    '',
  ].join('\n');
}
