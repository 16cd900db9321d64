/**
 * What storing a mapping file must cost: papaparse, libphonenumber, inserts in sets, and nothing else. No error has a
 * place, no row is compared with another, digits that can be two numbers are one. A table of its own with nothing but its
 * key. Like ours it reads on while PostgreSQL writes, so that it is not slow on purpose.
 *
 * `node bench/mapping/bare-loop.ts FILE DATABASE_URL` prints what it took as JSON.
 */
import { createReadStream } from 'node:fs';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import Papa from 'papaparse';
import pg from 'pg';
import { REGION } from './file.ts';
import { measured, printRun } from './run.ts';

const SET = 5_000;
const [file = '', url] = process.argv.slice(2);

const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query('CREATE TABLE bare_mapping (number text PRIMARY KEY, mailbox text NOT NULL)');
const end = measured();
await client.query('BEGIN');
let numbers: string[] = [];
let mailboxes: string[] = [];
let writing: Promise<unknown> = Promise.resolve();
let rows = 0;

async function write(): Promise<void> {
  await writing;
  rows += numbers.length;
  writing = client.query('INSERT INTO bare_mapping SELECT * FROM unnest($1::text[], $2::text[])', [numbers, mailboxes]);
  [numbers, mailboxes] = [[], []];
}

/** With the region; digits that are no number there, with a plus. */
function e164(text: string): string | undefined {
  const cell = text.startsWith('="') ? text.slice(2, -1) : text;
  const phone = parsePhoneNumberFromString(cell, { defaultCountry: REGION, extract: false });
  if (phone?.isPossible()) return phone.number;
  const abroad = parsePhoneNumberFromString(`+${cell}`, { extract: false });
  return abroad?.isPossible() ? abroad.number : undefined;
}

const parser = Papa.parse(Papa.NODE_STREAM_INPUT, { header: false });
createReadStream(file).pipe(parser);
let header = true;
for await (const cells of parser as AsyncIterable<string[]>) {
  if (header) {
    header = false;
    continue;
  }
  const number = e164(cells[0] ?? '');
  if (number === undefined) throw new Error(`${cells[0]} is no number`);
  numbers.push(number);
  mailboxes.push((cells[1] ?? '').trim().toLowerCase());
  if (numbers.length === SET) await write();
}
await write();
await writing;
await client.query('COMMIT');
const took = end();
const { rows: sums } = await client.query<{ sum: string }>(
  'SELECT sum(hashtextextended(number || mailbox, 0)::numeric)::text AS sum FROM bare_mapping',
);
await client.end();
printRun({ rows, ...took, sum: sums[0]?.sum ?? '' });
