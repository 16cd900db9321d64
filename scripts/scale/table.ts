/** The needs of several installations side by side, as Markdown. Pure. */
import { type Assumptions, type Needs, needsOf } from './model.ts';

const LINES: readonly (readonly [string, (needs: Needs) => string])[] = [
  ['items a day', ({ itemsADay }) => whole(itemsADay)],
  ['copies a day', ({ copiesADay }) => whole(copiesADay)],
  ['reading the source', ({ collectHours }) => time(collectHours)],
  ['writing, as Graph’s limit for one app dictates', ({ graphHours }) => time(graphHours)],
  ['processor time of all workers a day', ({ workerHours }) => time(workerHours)],
  ['processor time of PostgreSQL a day', ({ postgresHours }) => time(postgresHours)],
  ['write-ahead log a day', ({ walGb }) => size(walGb)],
  ['ledger a day', ({ ledgerGbADay: { least, left } }) => `${size(least)} to ${size(left)}`],
  ['ledger in the end', ({ ledgerTb: { least, left } }) => `${size(least * 1e3)} to ${size(left * 1e3)}`],
  ['of it the table of item identities', ({ identityTb }) => size(identityTb * 1e3)],
  ['rows of that table, thousand millions', ({ identityRows }) => short(identityRows)],
  ['largest partition, copies of a month', ({ partitionGb }) => size(partitionGb)],
  ['put into staging a day', ({ stagedGb }) => size(stagedGb)],
  ['sent to Graph a day', ({ sentGb }) => size(sentGb)],
  ['Redis', ({ redisMb }) => size(redisMb / 1e3)],
];

export function scaleTable(phones: readonly number[], assumed: Omit<Assumptions, 'phones'>): string {
  const needs = phones.map((count) => needsOf({ ...assumed, phones: count }));
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['', ...phones.map((count) => `${whole(count)} phones`)]),
    row(['---', ...phones.map(() => '---')]),
    ...LINES.map(([name, cell]) => row([name, ...needs.map(cell)])),
  ].join('\n');
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

/** Two digits: no figure here is better than that. */
function short(value: number): string {
  return value >= 100 ? whole(Number(value.toPrecision(2))) : String(Number(value.toPrecision(2)));
}

function size(gb: number): string {
  if (gb >= 1_000) return `${short(gb / 1_000)} TB`;
  return gb >= 1 ? `${short(gb)} GB` : `${short(gb * 1_000)} MB`;
}

function time(hours: number): string {
  if (hours >= 1) return `${short(hours)} h`;
  return hours * 60 >= 1 ? `${short(hours * 60)} min` : `${short(hours * 3_600)} s`;
}
