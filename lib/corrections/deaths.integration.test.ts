/** Workers die between any two steps of a correction, again and again: it comes to its end, and nothing is lost or doubled. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testSeed } from '#testing/seed.ts';
import type { Item } from '../archive/item.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { mapNumbers, recount } from '../imports/ledger.fixture.ts';
import {
  attach,
  outsider,
  partyOf,
  people,
  type ScriptedSource,
  scriptedSource,
  sms,
} from '../imports/scripted-source.fixture.ts';
import { CorrectionBench, groupLines, heldBy, itemsOf } from './correction.fixture.ts';
import type { CorrectionPhase } from './correction.ts';
import { Life } from './mortal.fixture.ts';
import { runCorrection } from './run.ts';
import { startCorrection } from './start.ts';

const HOUR = 3_600_000;
const MB = 1024 * 1024;
const never = new AbortController().signal;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
const [good, bad, third] = [people[3], people[4], people[5]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

const numberOf = ({ mobile }: Person): string => mobile ?? '';

it('comes to its end whatever dies when', { timeout: 300_000 }, async () => {
  await control(sandbox, 'POST', 'reset');
  const source: ScriptedSource = scriptedSource();
  const engine: Engine = await startEngine(sandbox, { source: () => source });
  const connectorId = await engine.connect({ automaticMapping: false });
  const bench = new CorrectionBench(engine, connectorId);
  const { pool } = engine.database;
  const list = (of: Person, traits: Partial<Item>) =>
    source.listed.push(sms(of, new Date(source.settledThrough.getTime() - HOUR), traits));
  const map = (...pairs: readonly (readonly [Person, Person])[]) =>
    mapNumbers(engine, connectorId, Object.fromEntries(pairs.map(([from, to]) => [numberOf(from), to.mail ?? ''])));

  const files = [
    attach(source, 'photo.jpg', 'image/jpeg', randomBytes(10_000)),
    attach(source, 'film.mp4', 'video/mp4', randomBytes(3 * MB)),
  ];
  const plain = Array.from({ length: 5 }, (_, index) => `text-${index}`);
  for (const id of plain) list(bad, { id });
  list(bad, { id: 'mms', type: 'mms', attachments: files });
  // Shared with somebody who has the wrong mailbox rightly, and archived by that person's phone as well.
  list(bad, { id: 'shared', recipients: [partyOf(third)] });
  list(bad, { id: 'twin-bad', messageKey: 'key', recipients: [outsider] });
  list(third, { id: 'twin-third', messageKey: 'key', recipients: [outsider] });
  list(good, { id: 'others', recipients: [partyOf(bad)] });
  await map([good, anna], [bad, cleo], [third, cleo]);
  await engine.finish();
  await map([good, anna], [bad, bruno], [third, cleo]);
  await engine.finish();

  let deaths = 0;
  const phaseOf = async (id: string): Promise<CorrectionPhase> => (await bench.open(id)).phase;
  /**
   * Worker after worker, each of which lives for one call more than the one before, so that there is a death at every
   * call of every step; the engine's own work goes on between them.
   */
  const livesUntil = async (id: string, ...phases: readonly CorrectionPhase[]): Promise<void> => {
    for (let calls = 1; !phases.includes(await phaseOf(id)); calls++) {
      const life = new Life(calls, (calls + testSeed()) % 2 === 0);
      await pool.query('UPDATE correction SET next_attempt_at = now(), lease_until = NULL WHERE id = $1', [id]);
      await Promise.race([runCorrection(life.of(engine.deps), engine.organizationId, id, never), life.death]);
      if (life.dead) deaths++;
      // The engine's workers leave the correction to those that die.
      await pool.query(
        `UPDATE correction SET next_attempt_at = now() + interval '1 hour', lease_until = NULL WHERE id = $1`,
        [id],
      );
      await engine.finish();
    }
  };

  const wanted = { connectorId, number: numberOf(bad), from: new Date(0), to: source.settledThrough };
  const started = await startCorrection(engine.deps, bench.admin, {
    ...{ ...wanted, from: new Date(wanted.to.getTime() - 48 * HOUR) },
    reason: 'Mistyped',
  });
  const id = 'correctionId' in started ? started.correctionId : '';
  await livesUntil(id, 'listed');
  expect(await bench.confirm(id)).toEqual({ kind: 'done' });
  await livesUntil(id, 'copied');
  expect(groupLines(await bench.open(id))).toEqual(['left of_another: 1', 'verified: 8']);
  expect(await bench.confirmRemoval(id)).toEqual({ kind: 'done' });
  await livesUntil(id, 'ended', 'copied');
  expect(groupLines(await bench.open(id))).toEqual(['left of_another: 1', 'removed: 8']);
  expect(deaths).toBeGreaterThan(50);

  const his = [...plain, 'mms', 'shared', 'twin-bad', 'others'].sort();
  expect(await itemsOf(engine, bruno)).toEqual(his);
  expect(await itemsOf(engine, cleo)).toEqual(['shared', 'twin-third']);
  expect(await itemsOf(engine, anna)).toEqual(['others']);
  await engine.finish();
  expect(await engine.counts(connectorId)).toEqual(await recount(pool));
  let staged = 0;
  for await (const { name } of engine.deps.staging.list('')) {
    // A page or attachment whose writer died has no row: the sweep takes it after two days.
    await engine.deps.staging.delete(name);
    staged++;
  }
  expect(staged).toBeLessThanOrEqual(deaths * 4);
  const { rows: open } = await pool.query(
    `SELECT 1 FROM attachment WHERE state = 'staged' UNION ALL SELECT 1 FROM import WHERE staging_cleared_at IS NULL`,
  );
  expect(open).toEqual([]);
  // Every message that went has its entry, whatever died between the entry and the removal.
  const { rows: noted } = await pool.query<{ item: string }>(
    `SELECT DISTINCT detail ->> 'item' AS item FROM audit_entry WHERE action = 'correction.message-removed'`,
  );
  expect(noted.map(({ item }) => item).sort()).toEqual(his.filter((item) => item !== 'shared'));
  expect((await heldBy(engine, bruno)).every(({ isDraft }) => !isDraft)).toBe(true);
  await engine.close();
});
