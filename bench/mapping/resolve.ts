/**
 * Who is owed a copy, by a stored mapping: pages of items through the ledger's question and the rules, as collecting asks
 * them. `node bench/mapping/resolve.ts URL ROWS ITEMS`, with the version of upload.ts in force.
 */
import pg from 'pg';
import { itemSchema } from '#lib/archive/item.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import { owedContext } from '#lib/imports/store/context.ts';
import { parsePartyNumber } from '#lib/mapping/number.ts';
import { owedParticipants } from '#lib/mapping/owed.ts';
import { CONNECTOR, ORGANIZATION } from './database.ts';
import { numberOf, REGION } from './file.ts';
import { measured, printRun } from './run.ts';

const PAGE = 500;
const [url, ...sizes] = process.argv.slice(2);
const [rows = 0, items = 0] = sizes.map(Number);
const pool = new pg.Pool({ connectionString: url, max: 4 });
const connector: RunningConnector = {
  id: CONNECTOR,
  organizationId: ORGANIZATION,
  kind: 'android-archiver',
  name: 'Bench',
  sourceId: '0',
  accountId: 'bench',
  username: 'bench',
  passwordSealed: '',
  defaultRegion: REGION,
  fallback: null,
  firstImportFrom: new Date(),
  scheduleMinute: 0,
  paused: false,
  stoppedReason: null,
};

/** Three people of the whole file: an owner who writes to two others. Steps that share no factor with a round number. */
function item(at: number) {
  const party = (offset: number) => ({
    mobile: numberOf((at * 7_919 + offset * 104_729) % rows),
    email: null,
    name: null,
  });
  const time = new Date(Date.UTC(2026, 10, 20) + at).toISOString();
  return itemSchema.parse({
    id: `b-${at}`,
    type: 'sms',
    messageKey: null,
    direction: 'outgoing',
    owner: party(0),
    sender: party(0),
    recipients: [party(1), party(2)],
    messageTime: time,
    archivedTime: time,
    conversationId: 'c',
    groupName: null,
    subject: null,
    text: 'ok',
    attachments: [],
    call: null,
  });
}

let resolved = 0;
let [seconds, cpuSeconds] = [0, 0];
for (let from = 0; from < items; from += PAGE) {
  const page = Array.from({ length: PAGE }, (_, index) => item(from + index));
  const end = measured();
  const mobiles = page.flatMap(({ owner, recipients }) => [owner, ...recipients].map(({ mobile }) => mobile));
  const numbers = new Set(
    mobiles.map((mobile) => parsePartyNumber(mobile, REGION)).filter((number) => number !== null),
  );
  const context = await owedContext(pool, connector, () => [...numbers]);
  for (const one of page) {
    const owed = owedParticipants(one, context);
    if (owed.length !== 3 || owed.some(({ candidates }) => candidates.length !== 1))
      throw new Error(`not mapped: ${one.id}`);
    resolved += owed.length;
  }
  const took = end();
  seconds += took.seconds;
  cpuSeconds += took.cpuSeconds;
}
await pool.end();
printRun({ rows: resolved, seconds, cpuSeconds, sum: '' });
