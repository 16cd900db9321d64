/**
 * `npm run recover`: how recovery after a restore of the database stands (docs/backup.md). `-- --confirm --reason "…"` confirms
 * the mapping in force of every connector that is held, or of one (`--connector <id>`; `--older-mapping`: also where a newer
 * version is known to be lost), and notes the restore in the audit log;
 * `-- --without-mailboxes --connector <id> --reason "…"` goes on without the mailboxes that have not answered for an hour;
 * `-- --begin --reason "…" [--since <time>]` begins recovery where nothing shows that the database is older: after a snapshot of a
 * disk was restored, or when the storage was lost.
 */
import { parseArgs } from 'node:util';
import { auditDeps } from '#lib/audit/composition.ts';
import { SYSTEM } from '#lib/audit/entries.ts';
import { database } from '#lib/db.ts';
import { readEnv } from '#lib/env.ts';
import { ledgerWatch } from '#lib/recovery/composition.ts';
import { type ConfirmResult, confirmAs } from '#lib/recovery/confirm.ts';
import { notCompared } from '#lib/recovery/not-compared.ts';
import { type NotPassedOver, passOverMailboxes } from '#lib/recovery/pass-over.ts';
import { namedMailboxes } from '#lib/recovery/stalled.ts';
import { type RecoveringConnector, recoveringConnectors } from '#lib/recovery/standing.ts';
import { acceptRestores } from './restore/accept.ts';

const { values } = parseArgs({
  options: {
    begin: { type: 'boolean', default: false },
    confirm: { type: 'boolean', default: false },
    connector: { type: 'string' },
    'older-mapping': { type: 'boolean', default: false },
    reason: { type: 'string' },
    since: { type: 'string' },
    'without-mailboxes': { type: 'boolean', default: false },
  },
});
const reason = values.reason?.trim() ?? '';
const since = values.since === undefined ? undefined : new Date(values.since);

const acts = [values.begin, values.confirm, values['without-mailboxes']].filter((is) => is);

await readEnv();
const { pool, prisma } = database();
try {
  if (acts.length > 1) refuse('One of --begin, --confirm and --without-mailboxes.');
  else if (acts.length > 0 && reason === '') refuse('Say why: --reason "…"');
  else if (since !== undefined && Number.isNaN(since.getTime())) refuse('--since takes a time: 2026-11-27T06:00:00Z');
  else if (values.begin) await begin();
  else if (values.confirm) await confirm();
  else if (values['without-mailboxes']) await goOnWithout(values.connector);
  else await tell();
} finally {
  await prisma.$disconnect();
  await pool.end();
}

function refuse(sentence: string): void {
  console.error(sentence);
  process.exitCode = 2;
}

async function begin(): Promise<void> {
  await ledgerWatch(() => {}).beginByHand(reason, since);
  await tell();
}

async function confirm(): Promise<void> {
  const held = (await recoveringConnectors(pool)).filter(
    ({ connectorId, confirmedAt }) =>
      confirmedAt === null && (values.connector === undefined || values.connector === connectorId),
  );
  if (held.length === 0) console.log('No connector waits for a confirmation.');
  for (const { organizationId, connectorId, name, mapping, lostMapping } of held) {
    // Workers find out within a minute.
    const deps = { pool, enqueue: async () => {}, notify: () => {} };
    const without = values['older-mapping'] ? lostMapping : null;
    const choice = { connectorId, versionId: mapping?.id ?? null, without };
    const result = await confirmAs(deps, { ...SYSTEM, organizationId }, choice, reason);
    console.log(`${name} (${connectorId}): ${result === 'done' ? 'confirmed.' : refusalOf(result, lostMapping)}`);
    if (result !== 'done') process.exitCode = 1;
  }
  if (!(await acceptRestores(auditDeps(), reason))) process.exitCode = 1;
}

function refusalOf(result: Exclude<ConfirmResult, 'done'>, lost: number | null): string {
  if (result !== 'older_mapping') return `not confirmed (${result}).`;
  return `mapping version ${lost} was in force before the restore and is lost. Upload it again first, or add --older-mapping to go on without.`;
}

async function goOnWithout(chosen: string | undefined): Promise<void> {
  const [found] = (await recoveringConnectors(pool)).filter(({ connectorId }) => connectorId === chosen);
  if (!found) return refuse('Say which connector, of those that npm run recover lists: --connector <id>');
  const { organizationId, connectorId, name } = found;
  for (const line of await mailboxLines(found)) console.log(line);
  const result = await passOverMailboxes(pool, { ...SYSTEM, organizationId }, connectorId, reason);
  if (typeof result !== 'number') process.exitCode = 1;
  const said = typeof result === 'number' ? goesOnWithout(result) : notPassedOver(result, found);
  console.log(`${name} (${connectorId}) ${said}`);
}

function goesOnWithout(count: number): string {
  return `goes on without mailboxes that could not be searched: ${count}. Those that nobody asked yet are asked first.`;
}

function notPassedOver(why: NotPassedOver, { listed, mailboxes }: RecoveringConnector): string {
  switch (why) {
    case 'none_left':
      return 'waits for no mailbox.';
    case 'not_known':
      return 'does not know its mailboxes yet: Microsoft 365 is asked for them when the mapping is confirmed.';
    case 'not_stalled':
      return `leaves out nobody: ${listed} of ${mailboxes} mailboxes are searched, and no alert tells that none has answered for an hour.`;
  }
}

async function tell(): Promise<void> {
  const recovering = await recoveringConnectors(pool);
  if (recovering.length === 0) console.log('No recovery is under way.');
  for (const one of recovering) for (const line of [lineOf(one), ...(await mailboxLines(one))]) console.log(line);
  for (const { name, connectorId, mailboxes } of await notCompared(pool)) {
    console.log(`${name} (${connectorId}) went on without mailboxes (${mailboxes.length}): ${mailboxes.join(', ')}`);
  }
}

/** Every one of them, where an alert names some. */
async function mailboxLines(one: RecoveringConnector): Promise<readonly string[]> {
  if (one.comparedAt !== null) return [];
  const unanswered = await namedMailboxes(pool, one, 'unanswered', null);
  const refused = await namedMailboxes(pool, one, 'refused', null);
  return [
    ...(unanswered.mailboxes === 0
      ? []
      : [`  asked, and no answer so far (${unanswered.mailboxes}): ${unanswered.addresses}`]),
    ...(refused.mailboxes === 0
      ? []
      : [`  cannot be searched, or left out (${refused.mailboxes}): ${refused.addresses}`]),
  ];
}

function lineOf(recovering: RecoveringConnector): string {
  const {
    name,
    connectorId,
    cause,
    since: known,
    confirmedAt,
    comparedAt,
    listed,
    mailboxes,
    stalled,
    mapping,
  } = recovering;
  const inForce =
    mapping === null
      ? 'no mapping file is in force'
      : `mapping version ${mapping.number} of ${mapping.appliedAt?.toISOString() ?? 'an unknown time'} (${mapping.fileName ?? 'no file'}, ${mapping.rows} rows) is in force`;
  const state =
    confirmedAt === null
      ? 'is paused until its mapping is confirmed'
      : comparedAt === null
        ? `is paused until its mailboxes are listed (${listed} of ${mailboxes} so far)${stalled ? '; for an hour Microsoft 365 has not answered' : ''}`
        : 'is compared with its mailboxes';
  return `${name} (${connectorId}) ${state}; ${inForce}. The database knows everything up to ${known?.toISOString() ?? 'nobody knows when'} (${cause}).`;
}
