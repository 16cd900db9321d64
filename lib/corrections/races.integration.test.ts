/** What happens beside a correction: a worker that slept too long, a clearing of staging, a person who gets the mailbox. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { systemClock } from '../imports/clock.ts';
import { pauseConnector, resumeConnector } from '../imports/commands.ts';
import { control } from '../imports/connector.fixture.ts';
import { Pauses } from '../imports/delivery/pauses.ts';
import { recount } from '../imports/ledger.fixture.ts';
import { partyOf, people, sms } from '../imports/scripted-source.fixture.ts';
import { shardOf } from '../imports/shards.ts';
import { sweepDoubt } from '../imports/sweep-doubt.ts';
import type { CallOptions, GraphRequest } from '../microsoft/graph.ts';
import { parseStagedName } from '../staging/names.ts';
import { groupLines, heldBy, itemsOf } from './correction.fixture.ts';
import type { CorrectionDeps } from './deps.ts';
import { runCorrection } from './run.ts';
import { endCorrection, listAgain, lookAgain } from './steps.ts';
import { correctionWorld } from './world.fixture.ts';

const HOUR = 3_600_000;
const never = new AbortController().signal;
const [bruno, cleo] = [people[1], people[2]] as readonly [Person, Person];
const [bad, third] = [people[4], people[5]] as readonly [Person, Person];

const world = correctionWorld();

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const map = async (...pairs: readonly (readonly [Person, Person])[]) => {
  await world.map(...pairs);
  await world.engine.finish();
};
/** A message of the badly mapped phone to the third, which lies with cleo and is to be bruno's. */
async function misfiled(): Promise<void> {
  const at = new Date(world.source.settledThrough.getTime() - HOUR);
  world.source.listed.push(sms(bad, at, { id: 'one', recipients: [partyOf(third)] }));
  await map([bad, cleo]);
  await map([bad, bruno]);
}
/** Due, and free. Times are rounded: what is due now may be so in half a millisecond. */
const release = (id: string) =>
  world.engine.database.pool.query(
    `UPDATE correction SET next_attempt_at = now() - interval '1 second', lease_until = NULL WHERE id = $1`,
    [id],
  );
const run = (id: string, deps: Partial<CorrectionDeps> = {}) =>
  runCorrection({ ...world.engine.deps, ...deps }, world.engine.organizationId, id, never);

it.each(['before it wrote down', 'after it wrote down'] as const)(
  'a worker that slept through its hold %s what it removes does not remove it when it wakes up',
  async (when) => {
    await misfiled();
    const id = await world.bench.list(numberOf(bad));
    await world.bench.copy(id);
    await world.bench.confirmRemoval(id);
    let slept = 0;
    let hasRead = false;
    const requests: string[] = [];
    const sleeper = {
      ...world.engine.graph,
      request: async (...[request, options]: Parameters<typeof world.engine.graph.request>) => {
        const answer = await world.engine.graph.request(request, options);
        requests.push(request.method);
        hasRead ||= request.method === 'GET' && request.url.includes(cleo.id);
        // It stands still, while another one takes over.
        if (hasRead && when === 'before it wrote down') {
          await world.engine.database.pool.query('UPDATE correction SET epoch = epoch + 1');
        }
        return answer;
      },
    };
    const graph = () => {
      if (hasRead) slept = 60_000;
      return sleeper;
    };
    await run(id, { graph, clock: { ...systemClock, monotonic: () => performance.now() + slept } });
    expect(hasRead).toBe(true);
    expect(requests).not.toContain('DELETE');
    expect(await itemsOf(world.engine, cleo)).toEqual(['one']);
    await release(id);
    expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 1']);
    expect(await itemsOf(world.engine, cleo)).toEqual([]);
  },
);

it('content that a clearing deletes before its rows name it is staged once more', async () => {
  await misfiled();
  const id = await world.bench.list(numberOf(bad));
  const { ledger, staging } = world.engine.deps;
  let clearings = 0;
  const meanwhile = {
    ...staging,
    putPage: async (...page: Parameters<typeof staging.putPage>) => {
      await staging.putPage(...page);
      if (clearings++ > 0) return;
      // As clearStaging does: the page with the highest number is its own, and what is below goes.
      await ledger.reservePage(parseStagedName(page[0])?.importId ?? '');
      await staging.delete(page[0]);
    },
  };
  await world.bench.confirm(id);
  for (let turn = 0; turn < 2; turn++) {
    await release(id);
    await run(id, { staging: meanwhile });
  }
  expect(clearings).toBe(2);
  await release(id);
  expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['verified: 1']);
  expect(await itemsOf(world.engine, bruno)).toEqual(['one']);
});

it.each(['sending', 'created'])(
  'a copy that is still on its way to the wrong mailbox (%s) is not passed over',
  async (state) => {
    await misfiled();
    const { pool } = world.engine.database;
    const messageId = (await heldBy(world.engine, cleo))[0]?.id ?? null;
    const setState = (to: string, message: string | null, imported: boolean) =>
      pool.query(
        `UPDATE delivery SET state = $1, message_id = $2, imported_at = CASE WHEN $3 THEN now() END,
         sending_until = CASE WHEN $1 = 'sending' THEN now() + interval '1 hour' END, not_before = now() + interval '1 hour'
         WHERE user_id IS NOT NULL`,
        [to, message, imported],
      );
    await setState(state, state === 'created' ? messageId : null, false);
    const id = await world.bench.list(numberOf(bad));
    expect(groupLines(await world.bench.open(id))).toEqual(['kept_back under_way: 1']);
    // It arrives, and the copies are listed once more before anything is confirmed.
    await setState('imported', messageId, true);
    expect(
      await listAgain(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id }),
    ).toEqual({ kind: 'done' });
    expect(groupLines(await world.bench.reaches(id, 'listed'))).toEqual(['listed: 1']);
  },
);

it('a copy that arrived in the wrong mailbox after the others were listed goes with a further look', async () => {
  await misfiled();
  world.source.settledThrough = new Date(world.source.settledThrough.getTime() + 2 * HOUR);
  const at = new Date(world.source.settledThrough.getTime() - HOUR);
  world.source.listed.push(sms(bad, at, { id: 'late', recipients: [partyOf(third)] }));
  await map([bad, cleo]);
  await world.engine.deps.enqueue('plan', {
    organizationId: world.engine.organizationId,
    connectorId: world.connectorId,
    trigger: 'manual',
  });
  await world.engine.finish();
  await map([bad, bruno]);
  const { pool } = world.engine.database;
  const late = `user_id IS NOT NULL AND item_id = (SELECT id FROM item WHERE source_item_id = 'late')`;
  const { rows } = await pool.query<{ message_id: string }>(`SELECT message_id FROM delivery WHERE ${late}`);
  await pool.query(
    `UPDATE delivery SET state = 'sending', message_id = NULL, imported_at = NULL, sending_until = now() + interval '1 hour'
     WHERE ${late}`,
  );
  const id = await world.bench.list(numberOf(bad));
  expect(groupLines(await world.bench.copy(id))).toEqual(['kept_back under_way: 1', 'verified: 1']);
  await pool.query(
    `UPDATE delivery SET state = 'imported', message_id = $1, imported_at = now(), sending_until = NULL WHERE ${late}`,
    [rows[0]?.message_id],
  );
  await world.bench.confirmRemoval(id);
  await world.bench.reaches(id, 'copied');
  await lookAgain(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id });
  expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['removed: 1', 'verified: 1']);
  await world.bench.confirmRemoval(id);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 2']);
  expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['late', 'one'], []]);
  expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
});

it('the look that follows a doubt a day later takes nothing out of the wrong mailbox', async () => {
  await misfiled();
  const { pool } = world.engine.database;
  await pool.query(`UPDATE delivery SET doubt = 1, doubt_user_ids = ARRAY[user_id] WHERE state = 'imported'`);
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  await pool.query(`UPDATE delivery SET imported_at = now() - interval '25 hours' WHERE state = 'imported'`);
  await sweepDoubt(world.engine.deps, world.engine.organizationId, never);
  expect((await pool.query(`SELECT 1 FROM delivery WHERE doubt = 1`)).rows).toEqual([]);
  expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one'], ['one']]);
});

it('somebody who gets the wrong mailbox before the removal has the message that is there', async () => {
  await misfiled();
  const [message] = await heldBy(world.engine, cleo);
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  await map([bad, bruno], [third, cleo]);
  expect((await heldBy(world.engine, cleo)).map((held) => held.id)).toEqual([message?.id]);
  await world.bench.confirmRemoval(id);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['left of_another: 1']);
  expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one'], ['one']]);
  expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
});

it('somebody who gets the wrong mailbox while it is looked into has the message that is there', async () => {
  await misfiled();
  const [message] = await heldBy(world.engine, cleo);
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  await world.bench.confirmRemoval(id);
  let given = false;
  const request = async (...asked: Parameters<typeof world.engine.graph.request>) => {
    const answer = await world.engine.graph.request(...asked);
    if (!given && asked[0].method === 'GET' && asked[0].url.includes(cleo.id)) {
      given = true;
      await map([bad, bruno], [third, cleo]);
    }
    return answer;
  };
  await run(id, { graph: () => ({ ...world.engine.graph, request }) });
  expect(given).toBe(true);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['left of_another: 1']);
  expect((await heldBy(world.engine, cleo)).map((held) => held.id)).toEqual([message?.id]);
  expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
});

it('somebody who gets it after the removal gets a message of their own', async () => {
  await misfiled();
  const [message] = await heldBy(world.engine, cleo);
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  await world.bench.confirmRemoval(id);
  await world.bench.reaches(id, 'ended');
  await map([bad, bruno], [third, cleo]);
  const held = await heldBy(world.engine, cleo);
  expect(held.map(({ itemId }) => itemId)).toEqual(['one']);
  expect(held[0]?.id).not.toBe(message?.id);
});

it('a mailbox that is to be left alone is not asked, and one that asks for it now is left alone by everybody', async () => {
  await misfiled();
  const { ledger } = world.engine.deps;
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  await world.bench.confirmRemoval(id);
  const asked: string[] = [];
  const request = async (...call: Parameters<typeof world.engine.graph.request>) => {
    asked.push(call[0].url);
    return world.engine.graph.request(...call);
  };
  const ofCleo = { organizationId: world.engine.organizationId, shard: shardOf(cleo.id) };
  await ledger.notePauses(ofCleo, [{ userId: cleo.id, seconds: 2 }]);
  await run(id, { graph: () => ({ ...world.engine.graph, request }) });
  expect(asked.filter((url) => url.includes(bruno.id))).not.toEqual([]);
  expect(asked.filter((url) => url.includes(cleo.id))).toEqual([]);
  expect(await world.bench.open(id)).toMatchObject({ phase: 'removing', problem: 'graph_unreachable' });

  await sleep(2_500);
  await release(id);
  // Another part of this process is told so while a request of this one waits for its token.
  const waiting = async (about: GraphRequest, options: CallOptions = {}) => {
    if (!about.url.includes(cleo.id)) return world.engine.graph.request(about, options);
    Pauses.of({ ...world.engine.deps, graph: () => graph }, world.engine.organizationId, cleo.id).add(cleo.id, 2);
    options.beforeSending?.();
    throw new Error('the mailbox was asked');
  };
  const graph = { ...world.engine.graph, request: waiting };
  await run(id, { graph: () => graph });
  expect(await world.bench.open(id)).toMatchObject({ phase: 'removing', problem: 'graph_unreachable' });
  await sleep(2_500);
  await release(id);
  const refuse = { kind: 'throttle', retryAfter: 3 };
  await control(world.sandbox, 'POST', 'faults', {
    service: 'graph',
    route: 'GET *',
    mailbox: cleo.id,
    count: 1,
    fault: refuse,
  });
  await run(id, { graph: () => ({ ...world.engine.graph, request }) });
  expect(await ledger.currentPauses(ofCleo)).toMatchObject([{ userId: cleo.id }]);
  expect(await itemsOf(world.engine, cleo)).toEqual(['one']);
  await sleep(3_000);
  await release(id);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 1']);
});

it('rests while the connector is paused, and may be ended at any time before the removal', async () => {
  await misfiled();
  const id = await world.bench.list(numberOf(bad));
  await pauseConnector(world.engine.deps, world.bench.admin, world.connectorId);
  await world.bench.confirm(id);
  await world.engine.settle();
  await run(id);
  expect(groupLines(await world.bench.open(id))).toEqual(['listed: 1']);
  await resumeConnector(world.engine.deps, world.bench.admin, world.connectorId);
  expect(
    await endCorrection(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id }),
  ).toEqual({ kind: 'done' });
  await world.engine.finish();
  expect(groupLines(await world.bench.open(id))).toEqual(['listed: 1']);
  expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([[], ['one']]);
});
