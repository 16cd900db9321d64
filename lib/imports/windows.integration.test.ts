/** No day is lost and none is imported twice, whatever the source says of its time, and nothing of that is silent. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { SourceError } from '../archive/source.ts';
import { telemessageSource } from '../archive/telemessage/source.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { dayBalances } from './balance.ts';
import { collectDue } from './collect.ts';
import { account, control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { repeatRange } from './repeat.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { reopenWindow } from './store/imports.ts';
import { tick } from './tick.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const [anna] = people as readonly [Person, ...Person[]];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
/** 00:00 UTC of today */
let midnight: Date;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  midnight = startOfUtcDay(new Date());
  source = scriptedSource(midnight);
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

const earlier = (ms: number): Date => new Date(midnight.getTime() - ms);
async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}
const openAlerts = async () =>
  (await rowsOf<{ code: string }>('SELECT code FROM alert WHERE resolved_at IS NULL ORDER BY 1')).map(
    ({ code }) => code,
  );
const itemsOf = async (person: Person) =>
  ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
const planNow = (connectorId: string) =>
  planConnector(
    engine.deps,
    { organizationId: engine.organizationId, connectorId, trigger: 'manual' },
    new AbortController().signal,
  );
const listed = (id: string, archivedAt: Date, traits: Partial<Item> = {}) =>
  source.listed.push(sms(anna, archivedAt, { id, ...traits }));

/** A connector with one imported day, which ended so many days ago; its daily run is not due. */
async function importedUpTo(days: number): Promise<string> {
  source.settledThrough = earlier(days * DAY);
  const connectorId = await engine.connect({ firstImportFrom: earlier((days + 1) * DAY) });
  await rowsOf('UPDATE connector SET schedule_minute = 1439');
  await engine.finish();
  return connectorId;
}

describe('a source', () => {
  it('that was away for days is caught up with, day by day', async () => {
    const connectorId = await importedUpTo(5);
    source.failure = new SourceError('unreachable', 'away');
    source.settledThrough = midnight;
    for (let day = 0; day < 6; day++) listed(`day-${day}`, earlier(day * DAY + HOUR));
    await planNow(connectorId);
    await engine.settle();
    expect(await engine.windows(connectorId)).toHaveLength(1);
    source.failure = null;
    await planNow(connectorId);
    await engine.finish();
    expect((await engine.windows(connectorId)).map(({ from }) => (midnight.getTime() - from.getTime()) / DAY)).toEqual([
      6, 5, 4, 3, 2, 1,
    ]);
    expect(await itemsOf(anna)).toEqual(['day-0', 'day-1', 'day-2', 'day-3', 'day-4']);
  });

  it('that no longer has what was to come loses it with an alert that says which time, and the rest is imported', async () => {
    const connectorId = await importedUpTo(5);
    source.settledThrough = midnight;
    for (let day = 0; day < 5; day++) listed(`day-${day}`, earlier(day * DAY + HOUR));
    const { clock } = source;
    const retained = earlier(2 * DAY + 6 * HOUR);
    source.clock = async () => ({ ...(await clock.call(source)), earliestRetained: retained });
    await planNow(connectorId);
    await engine.finish();
    const windows = await rowsOf<{ from: Date; to: Date; state: string; imports: string }>(
      `SELECT w.starts_at AS "from", w.ends_at AS "to", w.state, count(i.id)::int AS imports
       FROM import_window w LEFT JOIN import i ON i.window_id = w.id GROUP BY w.id ORDER BY w.starts_at`,
    );
    expect(windows.map(({ state, imports }) => `${state} ${imports}`)).toEqual([
      'closed 1',
      'lost 0',
      'lost 0',
      'lost 0',
      'closed 1',
      'closed 1',
      'closed 1',
    ]);
    windows.forEach(({ from }, index) => {
      if (index > 0) expect(from).toEqual(windows[index - 1]?.to);
    });
    expect(windows[4]?.from).toEqual(retained);
    expect(await rowsOf(`SELECT detail FROM alert WHERE code = 'lost_at_source'`)).toEqual([
      { detail: { from: earlier(5 * DAY).toISOString(), to: retained.toISOString() } },
    ]);
    expect(await itemsOf(anna)).toEqual(['day-0', 'day-1', 'day-2']);
    // It is said once for each stretch.
    await planNow(connectorId);
    expect(await rowsOf(`SELECT 1 FROM alert WHERE code = 'lost_at_source'`)).toHaveLength(1);
  });

  it('whose settled time goes back opens nothing twice', async () => {
    const connectorId = await engine.connect({ firstImportFrom: earlier(2 * DAY) });
    await engine.finish();
    for (const days of [1, 3, 0, 2, 0]) {
      source.settledThrough = earlier(days * DAY);
      await planNow(connectorId);
    }
    expect(await engine.windows(connectorId)).toHaveLength(2);
  });

  it('whose clock has jumped days ahead is not believed, and that is told when it lasts', async () => {
    const connectorId = await engine.connect({ firstImportFrom: earlier(DAY) });
    await engine.finish();
    source.settledThrough = new Date(Date.now() + 400 * DAY);
    await planNow(connectorId);
    expect(await engine.windows(connectorId)).toHaveLength(1);
    // As if its last window were three days old.
    await rowsOf(
      `UPDATE import_window SET starts_at = starts_at - interval '3 days', ends_at = ends_at - interval '3 days'`,
    );
    await tick(engine.deps);
    expect(await openAlerts()).toEqual(['not_planned']);
    source.settledThrough = midnight;
    await planNow(connectorId);
    await engine.finish();
    expect(await openAlerts()).toEqual([]);
  });

  it('whose credentials are of another account stops, with a reason of its own, before anything is read', async () => {
    const other = telemessageSource({
      baseUrl: sandbox.telemessage,
      kind: 'android-archiver',
      accountId: 'somebody else’s',
      credentials: async () => ({ username: account.username, password: account.password }),
    });
    await engine.close();
    engine = await startEngine(sandbox, { source: () => other });
    await engine.connect();
    await engine.settle();
    expect(await rowsOf('SELECT stopped_reason FROM connector')).toEqual([{ stopped_reason: 'other_account' }]);
    expect(await openAlerts()).toEqual(['other_account']);
    expect(await rowsOf('SELECT 1 FROM import_window')).toEqual([]);
  });
});

describe('a closed window', () => {
  const recheckIn = () =>
    rowsOf<{ hours: number | null; state: string }>(
      `SELECT round(extract(epoch FROM recheck_due_at - now()) / 3600)::int AS hours, state FROM import_window`,
    );
  const now = () => rowsOf('UPDATE import_window SET recheck_due_at = now() WHERE recheck_due_at IS NOT NULL');

  it('is read again after a day and after a week, and not any more', async () => {
    listed('one', earlier(HOUR));
    await engine.connect({ firstImportFrom: earlier(DAY) });
    await engine.finish();
    const seen = [await recheckIn()];
    for (let i = 0; i < 2; i++) {
      await now();
      await engine.finish();
      seen.push(await recheckIn());
    }
    expect(seen.flat().map(({ hours }) => hours)).toEqual([24, 144, null]);
    expect(seen.flat().every(({ state }) => state === 'closed')).toBe(true);
    expect(await rowsOf('SELECT 1 FROM import')).toHaveLength(1);
  });

  it.each([1, 2])('is opened again for what came late, at reading %i', async (reading) => {
    listed('early', earlier(2 * HOUR));
    const connectorId = await engine.connect({ firstImportFrom: earlier(DAY) });
    await engine.finish();
    for (let i = 1; i < reading; i++) {
      await now();
      await engine.finish();
    }
    listed('late', earlier(3 * HOUR));
    await now();
    await engine.finish();
    expect(await itemsOf(anna)).toEqual(['early', 'late']);
    expect(await rowsOf('SELECT trigger, balanced FROM import ORDER BY number')).toEqual([
      { trigger: 'first', balanced: true },
      { trigger: 'recheck', balanced: true },
    ]);
    expect(await openAlerts()).toEqual([]);
    expect(await recheckIn()).toEqual([{ hours: 24, state: 'closed' }]);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });
});

describe('time that the source purges', () => {
  /** The source has nothing before that any more, and answers for it as for time in which nothing happened. */
  function purge(retained: Date): void {
    source.clock = async () => ({ now: midnight, settledThrough: midnight, earliestRetained: retained });
    const kept = source.listed.filter(
      (raw) => new Date(String((raw as { archivedTime: string }).archivedTime)) >= retained,
    );
    source.listed.splice(0, source.listed.length, ...kept);
  }
  const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
  const windows = async () =>
    (
      await rowsOf<{ from: Date; to: Date; state: string; phases: string }>(
        `SELECT w.starts_at AS "from", w.ends_at AS "to", w.state,
           coalesce((SELECT string_agg(i.phase, ' ' ORDER BY i.number) FROM import i WHERE i.window_id = w.id), '') AS phases
         FROM import_window w ORDER BY w.starts_at`,
      )
    ).map(({ from, to, state, phases }) => {
      const hour = (at: Date) => (at.getTime() - midnight.getTime()) / HOUR;
      return `${hour(from)} ${hour(to)} ${state} ${phases}`.trim();
    });
  const days = async () =>
    (await dayBalances(engine.database.pool, admin(), { connectorId: null, from: null, to: null })).map(
      ({ state }) => state,
    );
  const again = (connectorId: string, from: number, to: number) =>
    repeatRange(engine.deps, admin(), {
      connectorId,
      range: { from: earlier(from * HOUR), to: earlier(to * HOUR) },
    });

  /** Three days that are planned and cannot be read, and what is purged of them before they can. */
  async function purgedInTheQueue(afterwards: 'nothing' | 'refused' = 'nothing'): Promise<string> {
    for (const hour of [70, 47, 39, 1]) listed(`hour-${hour}`, earlier(hour * HOUR));
    const { items } = source;
    source.items = async () => {
      throw new SourceError('unreachable', 'away');
    };
    const connectorId = await engine.connect({ firstImportFrom: earlier(3 * DAY) });
    await engine.settle();
    purge(earlier(40 * HOUR));
    source.items = async (range, ...rest) => {
      if (afterwards === 'refused' && range.from < earlier(40 * HOUR)) throw new SourceError('bad_window', 'purged');
      return items.call(source, range, ...rest);
    };
    await rowsOf('UPDATE import SET next_attempt_at = now()');
    await engine.finish();
    return connectorId;
  }

  it.each(['nothing', 'refused'] as const)(
    'while it is queued is lost with an alert, answered by %s',
    async (answer) => {
      const connectorId = await purgedInTheQueue(answer);
      expect(await windows()).toEqual([
        '-72 -48 lost cancelled',
        '-48 -40 lost',
        '-40 -24 closed completed',
        '-24 0 closed completed',
      ]);
      expect(await itemsOf(anna)).toEqual(['hour-1', 'hour-39']);
      expect(await days()).toEqual(['lost', 'lost', 'balances']);
      const alerts = await rowsOf(`SELECT code, detail FROM alert WHERE resolved_at IS NULL ORDER BY id`);
      const stretch = (from: number, to: number) => ({
        code: 'lost_at_source',
        detail: { from: earlier(from * HOUR).toISOString(), to: earlier(to * HOUR).toISOString() },
      });
      expect(alerts).toEqual([stretch(72, 48), stretch(48, 40)]);
      expect(await rowsOf(`SELECT problem FROM import WHERE phase = 'cancelled'`)).toEqual([
        { problem: 'lost_at_source' },
      ]);
      expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
    },
  );

  it('stays lost where it is imported again, and what was imported before stays closed', async () => {
    const connectorId = await purgedInTheQueue();
    purge(earlier(30 * HOUR));
    expect(await again(connectorId, 72, 30)).toMatchObject({ windows: 3 });
    await engine.finish();
    expect(await windows()).toEqual([
      '-72 -48 lost cancelled cancelled',
      '-48 -40 lost cancelled',
      '-40 -30 closed',
      '-30 -24 closed completed completed',
      '-24 0 closed completed',
    ]);
    expect(await days()).toEqual(['lost', 'lost', 'balances']);
    expect(await openAlerts()).toEqual(['lost_at_source', 'lost_at_source']);
    // And where all of it is gone.
    purge(earlier(HOUR / 2));
    await again(connectorId, 40, 0);
    await engine.finish();
    expect((await windows()).slice(2)).toEqual([
      '-40 -30 closed cancelled',
      '-30 -24 closed completed completed cancelled',
      '-24 -0.5 closed',
      '-0.5 0 closed completed completed',
    ]);
    expect(await openAlerts()).toEqual(['lost_at_source', 'lost_at_source']);
    expect(await itemsOf(anna)).toEqual(['hour-1', 'hour-39']);
  });

  it('and has again after all is imported', async () => {
    const connectorId = await purgedInTheQueue();
    listed('hour-70', earlier(70 * HOUR));
    source.clock = scriptedSource(midnight).clock;
    await again(connectorId, 72, 48);
    await engine.finish();
    expect((await windows())[0]).toBe('-72 -48 closed cancelled completed');
    expect(await itemsOf(anna)).toEqual(['hour-1', 'hour-39', 'hour-70']);
  });

  it('between reading it and comparing it is not taken for balanced', async () => {
    listed('one', earlier(30 * HOUR));
    listed('two', earlier(HOUR));
    const connectorId = await engine.connect({ firstImportFrom: earlier(40 * HOUR) });
    await planNow(connectorId);
    await collectDue(engine.deps, engine.organizationId, connectorId, new AbortController().signal);
    purge(earlier(12 * HOUR));
    await engine.finish();
    expect(await windows()).toEqual(['-40 -24 lost cancelled', '-24 -12 lost', '-12 0 closed completed']);
    expect(await itemsOf(anna)).toEqual(['one', 'two']);
    expect(await days()).toEqual(['lost', 'lost']);
    expect(await rowsOf(`SELECT counts_at_completion IS NULL AS open FROM import ORDER BY number`)).toEqual([
      { open: false },
      { open: false },
    ]);
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });

  it('before a closed window is read again leaves it closed, without an alert', async () => {
    listed('one', earlier(HOUR));
    await engine.connect({ firstImportFrom: earlier(DAY) });
    await engine.finish();
    purge(midnight);
    await rowsOf('UPDATE import_window SET recheck_due_at = now()');
    await engine.finish();
    expect(await windows()).toEqual(['-24 0 closed completed']);
    expect(await openAlerts()).toEqual([]);
    expect(await rowsOf('SELECT 1 FROM import_window WHERE recheck_due_at IS NOT NULL')).toEqual([]);
  });
});

describe('an item', () => {
  it('that is listed twice in a page, on two pages, in two windows and by a repeated import is imported once', async () => {
    for (const id of ['a', 'b', 'c', 'a', 'd', 'e', 'b']) listed(id, earlier(HOUR));
    const { items } = source;
    const [twice] = source.listed;
    source.items = async (range, cursor, _limit, signal) => {
      const page = await items.call(source, range, cursor, 3, signal);
      // The window of the day before lists it as well.
      return range.from < earlier(DAY) && cursor === null ? { ...page, items: [twice, twice, ...page.items] } : page;
    };
    const connectorId = await engine.connect({ firstImportFrom: earlier(2 * DAY) });
    await engine.finish();
    expect(await itemsOf(anna)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const [window] = await rowsOf<{ id: string }>('SELECT id FROM import_window ORDER BY starts_at DESC');
    const connector = await engine.deps.ledger.liveConnector(engine.organizationId, connectorId);
    if (!connector || !window) throw new Error('a live connector and its window');
    await reopenWindow(engine.database.pool, connector, window.id, 'repeat', 'Ada');
    await engine.finish();
    expect(await itemsOf(anna)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const { items: counts } = await engine.counts(connectorId);
    expect(counts).toMatchObject({ listed: 16, imported: 5, repeat: 11 });
    expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  });
});

describe('a window that fails again and again', () => {
  it('does not hold up the others, shows why, becomes one alert, and ends it', async () => {
    listed('first', earlier(2 * DAY + HOUR));
    listed('second', earlier(HOUR));
    const { items } = source;
    source.items = async (range, ...rest) => {
      if (range.from < earlier(2 * DAY)) throw new SourceError('bad_answer', 'nothing that could be understood');
      return items.call(source, range, ...rest);
    };
    await engine.connect({ firstImportFrom: earlier(4 * DAY) });
    for (let attempt = 0; attempt < 6; attempt++) {
      await engine.settle();
      if (attempt === 3) expect(await openAlerts()).toEqual([]);
      const waits = await rowsOf<{ seconds: number }>(
        `SELECT extract(epoch FROM next_attempt_at - now())::float8 AS seconds FROM import WHERE phase = 'queued'`,
      );
      for (const { seconds } of waits) expect(seconds).toBeLessThanOrEqual(3600);
      await rowsOf('UPDATE import SET next_attempt_at = now()');
    }
    await engine.settle();
    expect(await itemsOf(anna)).toEqual(['second']);
    expect(await rowsOf(`SELECT problem FROM import WHERE phase = 'queued'`)).toEqual([
      { problem: 'source_bad_answer' },
      { problem: 'source_bad_answer' },
    ]);
    expect(await rowsOf('SELECT code, detail, window_id FROM alert')).toEqual([
      { code: 'keeps_failing', detail: { imports: 2, problem: 'source_bad_answer' }, window_id: null },
    ]);
    source.items = items;
    await rowsOf('UPDATE import SET next_attempt_at = now()');
    await engine.finish();
    expect(await itemsOf(anna)).toEqual(['first', 'second']);
    expect(await openAlerts()).toEqual([]);
  });
});
