/** Which mailboxes are asked, told of as silent, and gone on without, row by row: nobody but those that were asked in vain. */
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { SYSTEM } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { insertConnector } from '../imports/connector.fixture.ts';
import { beginRecovery } from './begin.ts';
import {
  type Comparing,
  dueComparisons,
  endMailbox,
  keepListed,
  mailboxesToList,
  noteAsked,
  noteMailboxes,
  postponeComparison,
} from './mailboxes.ts';
import { notCompared, tellNotCompared } from './not-compared.ts';
import { passOverMailboxes } from './pass-over.ts';
import { tellStalled } from './stalled.ts';

let pool: pg.Pool;
let connectorId: string;
let comparing: Comparing;
beforeEach(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
  connectorId = await insertConnector(pool);
  await beginConfirmed();
});
afterEach(() => pool.end());

const begin = () => beginRecovery(pool, { cause: 'older', stored: null, home: 'here' });

async function beginConfirmed(): Promise<void> {
  await begin();
  await pool.query(`UPDATE recovery_connector SET confirmed_at = now() - interval '3 hours'`);
  await pool.query(`UPDATE recovery SET found_at = now() - interval '3 hours'`);
  const [due] = await dueComparisons(pool, 1);
  if (!due) throw new Error('nothing is to be compared');
  comparing = due;
}

const userId = (which: number) => `00000000-0000-4000-8000-${String(which).padStart(12, '0')}`;
const passOver = () =>
  passOverMailboxes(pool, { ...SYSTEM, organizationId: comparing.organizationId }, connectorId, 'x');

/** So many mailboxes are known since two hours. */
async function name(count: number): Promise<void> {
  const mailboxes = Array.from({ length: count }, (_, which) => ({
    userId: userId(which),
    address: `m${which}@a.example`,
  }));
  await noteMailboxes(pool, comparing, mailboxes, null);
  await pool.query(`UPDATE recovery_connector SET named_at = now() - interval '2 hours'`);
}

/** A run that gets no answer of these. */
async function askInVain(...which: readonly number[]): Promise<void> {
  await noteAsked(pool, comparing, which.map(userId));
  await postponeComparison(pool, comparing, 30, true);
}

async function told(): Promise<unknown[]> {
  await tellStalled(pool, 1);
  return (await pool.query(`SELECT detail FROM alert WHERE code = 'compare_stalls' AND resolved_at IS NULL`)).rows;
}

async function leftOut(): Promise<unknown[]> {
  return (await pool.query('SELECT address FROM recovery_mailbox WHERE problem IS NOT NULL ORDER BY 1')).rows;
}

it('those that never answer hide none: who was never asked is asked first, then who was not for longest', async () => {
  await name(5);
  const asked: string[] = [];
  for (let run = 0; run < 3; run += 1) {
    const some = await mailboxesToList(pool, comparing, 2);
    asked.push(...some);
    await noteAsked(pool, comparing, some);
  }
  expect(new Set(asked).size).toBe(5);
});

it('nobody is left out of a listing that goes well', async () => {
  await name(5);
  await endMailbox(pool, comparing, userId(0), { copies: 0, problem: null });
  expect([await told(), await passOver(), await leftOut()]).toEqual([[], 'not_stalled', []]);
  // Nor where one did not answer an hour ago, and nobody was told.
  await askInVain(1);
  expect([await told(), await passOver(), await leftOut()]).toEqual([[], 'not_stalled', []]);
});

it('nobody is left out who was not asked, and nobody after another one has answered', async () => {
  await name(5);
  await askInVain(1, 2);
  expect(await passOver()).toBe('not_stalled');
  expect(await told()).toEqual([{ detail: { mailboxes: 2, addresses: 'm1@a.example, m2@a.example' } }]);
  // A page of a mailbox that has many is an answer, too.
  await keepListed(pool, comparing, '1', userId(3), []);
  expect([await passOver(), await leftOut()]).toEqual(['not_stalled', []]);
  await askInVain(1, 2);
  expect([await passOver(), await leftOut()]).toEqual(['not_stalled', []]);
  expect(await told()).toEqual([]);

  await pool.query(
    `UPDATE recovery_mailbox SET answered_at = now() - interval '2 hours' WHERE answered_at IS NOT NULL`,
  );
  await askInVain(1, 2);
  expect(await told()).toHaveLength(1);
  expect(await passOver()).toBe(2);
  expect(await leftOut()).toEqual([{ address: 'm1@a.example' }, { address: 'm2@a.example' }]);
  expect((await mailboxesToList(pool, comparing, 10)).sort()).toEqual([0, 3, 4].map(userId));
  expect([await told(), await passOver()]).toEqual([[], 'not_stalled']);
});

it('mailboxes that are not known yet are told of without names where a run found none of them, and not before one did', async () => {
  expect([await told(), await passOver()]).toEqual([[], 'not_known']);
  // What the organization has to mend has an alert of its own.
  await postponeComparison(pool, comparing, 30, false);
  expect(await told()).toEqual([]);
  await postponeComparison(pool, comparing, 30, true);
  expect(await told()).toEqual([{ detail: { mailboxes: 0, addresses: '' } }]);
  expect(await passOver()).toBe('not_known');
  await pool.query('UPDATE recovery_connector SET named_at = now()');
  expect([await told(), await passOver()]).toEqual([[], 'none_left']);
});

it('a run under way does not put off what the operator has gone on without', async () => {
  await name(1);
  await askInVain(0);
  await told();
  expect(await passOver()).toBe(1);
  await postponeComparison(pool, comparing, 600, true);
  const soon = `SELECT compare_at <= now() + interval '1 second' AS soon FROM recovery_connector`;
  expect((await pool.query(soon)).rows).toEqual([{ soon: true }]);
});

it('a comparison that ends meanwhile is not told of afterwards', async () => {
  await name(1);
  await askInVain(0);
  const ending = await pool.connect();
  try {
    await ending.query('BEGIN');
    await ending.query('UPDATE recovery_connector SET compared_at = now()');
    const telling = told();
    const waits = async () =>
      (await pool.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
        .rowCount;
    await Promise.race([telling, expect.poll(waits, { timeout: 5_000 }).toBe(1)]);
    await ending.query('COMMIT');
    expect(await telling).toEqual([]);
  } finally {
    ending.release();
  }
});

it('another restore ends what was told of the one before it', async () => {
  await name(1);
  await askInVain(0);
  expect(await told()).toHaveLength(1);
  await begin();
  expect(await told()).toEqual([]);
});

it('whom two recoveries went on without is named by one alert, and all of them to the operator', async () => {
  const goOn = () =>
    inTransaction(pool, async (client) => {
      await client.query('UPDATE recovery_connector SET compared_at = now() WHERE compared_at IS NULL');
      const held = { organizationId: comparing.organizationId, connectorId };
      await tellNotCompared(client, held, { mailboxes: 5, copies: 0, unread: 1 });
    });
  const alert = async () =>
    (
      await pool.query(
        `SELECT detail->'unread' AS unread, cardinality(string_to_array(detail->>'addresses', ', ')) AS named
         FROM alert WHERE code = 'not_compared'`,
      )
    ).rows;
  await name(30);
  await askInVain(...Array.from({ length: 25 }, (_, which) => which));
  await told();
  expect(await passOver()).toBe(25);
  await goOn();
  expect(await alert()).toEqual([{ unread: 25, named: 20 }]);

  await beginConfirmed();
  await noteMailboxes(pool, comparing, [{ userId: userId(99), address: 'closed@a.example' }], 'mailbox_closed');
  await goOn();
  expect(await alert()).toEqual([{ unread: 26, named: 20 }]);
  const [named] = await notCompared(pool);
  expect(named?.mailboxes).toHaveLength(26);
  expect(named?.mailboxes).toContain('closed@a.example');
});
