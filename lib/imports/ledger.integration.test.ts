/** What an import makes of what a source lists: windows, repeats, twins, waiting copies, attachments that come late. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { SourceError } from '../archive/source.ts';
import { importPrefix } from '../staging/names.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import {
  attach,
  partyOf,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const [anna, bruno] = [people[0], people[1]] as readonly [Person, Person];
const carter = personNamed('Carter');

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(async () => {
  // Whatever a test did, the numbers on the pages are those of the rows.
  expect(await counted()).toEqual(await recounted());
  await engine.close();
});

const ago = (ms: number): Date => new Date(source.settledThrough.getTime() - ms);

async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}

async function counted(): Promise<unknown[]> {
  return rowsOf(
    `SELECT outcome, sum(count)::int AS count FROM import_counter
     WHERE outcome NOT IN ('items.listed', 'items.repeat') GROUP BY 1 HAVING sum(count) <> 0 ORDER BY 1`,
  );
}

async function recounted(): Promise<unknown[]> {
  return rowsOf(
    `SELECT outcome, count(*)::int AS count FROM (
       SELECT 'items.' || outcome AS outcome FROM item WHERE outcome <> 'repeat'
       UNION ALL SELECT 'copies.' || CASE WHEN state IN ('sending', 'created') THEN 'pending' ELSE state END FROM delivery
       UNION ALL SELECT 'copies.available' FROM delivery WHERE state <> 'waiting') AS rows GROUP BY 1 ORDER BY 1`,
  );
}

async function importAll(items: readonly unknown[], from: Date = ago(DAY)): Promise<string> {
  source.listed.push(...items);
  const connectorId = await engine.connect({ firstImportFrom: from });
  await engine.finish();
  return connectorId;
}

async function importOn(connectorId: string, items: readonly unknown[]): Promise<void> {
  source.listed.push(...items);
  await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
  await engine.finish();
}

async function idsIn(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

async function map(connectorId: string, person: Person, mailbox: string): Promise<void> {
  const versionId = randomUUID();
  await rowsOf(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     VALUES ($1, $2, $3, 1, 'in_force', 'file', 'test')`,
    [versionId, engine.organizationId, connectorId],
  );
  await rowsOf(
    'INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 2, $4)',
    [versionId, engine.organizationId, person.mobile, mailbox.toLowerCase()],
  );
}

async function stagedBlobs(): Promise<string[]> {
  const names: string[] = [];
  for (const { id } of await rowsOf<{ id: string }>('SELECT id FROM import')) {
    for await (const { name } of engine.deps.staging.list(importPrefix(engine.organizationId, id))) names.push(name);
  }
  return names;
}

const withBoth = (item: Item): Item => ({ ...item, recipients: [partyOf(anna), partyOf(bruno), partyOf(carter)] });

describe('who waits for a mapping', () => {
  it('gets exactly the missing copy when the number is mapped, and nobody a second one', async () => {
    const item = withBoth(sms(anna, ago(2 * HOUR)));
    const connectorId = await importAll([item, sms(bruno, ago(HOUR))]);
    expect(await rowsOf(`SELECT state, reason FROM delivery WHERE participant = $1`, [carter.mobile])).toEqual([
      { state: 'waiting', reason: 'not_mapped' },
    ]);
    // What is in all its mailboxes is deleted, what waits is kept.
    expect(await stagedBlobs()).toHaveLength(1);
    const before = [await idsIn(anna), await idsIn(bruno)];

    await map(connectorId, carter, carter.mail ?? '');
    await engine.deps.enqueue('release', { organizationId: engine.organizationId, connectorId });
    await engine.finish();
    expect(await idsIn(carter)).toEqual([item.id]);
    expect([await idsIn(anna), await idsIn(bruno)]).toEqual(before);
    expect(await stagedBlobs()).toEqual([]);
  });

  it('gets none where the mailbox holds the message already', async () => {
    const item = withBoth(sms(anna, ago(2 * HOUR)));
    const connectorId = await importAll([item]);
    await map(connectorId, carter, anna.mail ?? '');
    await engine.deps.enqueue('release', { organizationId: engine.organizationId, connectorId });
    await engine.finish();
    expect(await idsIn(anna)).toEqual([item.id]);
    expect(await rowsOf(`SELECT state, reason FROM delivery WHERE participant = $1`, [carter.mobile])).toEqual([
      { state: 'skipped', reason: 'same_mailbox' },
    ]);
  });
});

describe('what the source lists twice', () => {
  it('merges copies of one message from two phones only where the source says so', async () => {
    const pair = (key: string | null): Item[] => {
      const one = { messageKey: key, sender: partyOf(anna), recipients: [partyOf(bruno)], text: 'OK' };
      return [sms(anna, ago(2 * HOUR), one), sms(bruno, ago(2 * HOUR), { ...one, direction: 'incoming' })];
    };
    const [keyed, honest] = [pair('the same message'), pair(null)];
    await importAll([...keyed, ...honest]);
    const twice = honest.map(({ id }) => id);
    expect(await idsIn(anna)).toEqual([keyed[0]?.id, ...twice].sort());
    expect(await idsIn(bruno)).toEqual([keyed[0]?.id, ...twice].sort());
    const twins = await rowsOf(
      `SELECT DISTINCT d.reason, i.source_item_id AS twin FROM delivery d JOIN item i ON i.id = d.twin_item_id`,
    );
    expect(twins).toEqual([{ reason: 'twin', twin: keyed[0]?.id }]);
  });

  it('imports an item once, and lists another content under its id as changed', async () => {
    const item = sms(anna, ago(3 * HOUR));
    const connectorId = await importAll([item, item, { ...item, text: 'Something else.' }]);
    await importOn(connectorId, []);
    expect(await idsIn(anna)).toEqual([item.id]);
    expect(await rowsOf('SELECT count(*)::int AS changes FROM item_change')).toEqual([{ changes: 1 }]);
    const { items } = await engine.counts(connectorId);
    expect(items).toMatchObject({ listed: 3, imported: 1, repeat: 2 });
  });

  it('doubles nothing when the connector is deleted in the middle and added again', async () => {
    const items = [sms(anna, ago(3 * HOUR)), sms(bruno, ago(2 * HOUR))];
    source.listed.push(...items);
    const first = await engine.connect();
    await rowsOf('UPDATE connector SET paused_at = NULL WHERE id = $1', [first]);
    const create = { service: 'graph', route: 'POST /v1.0/users/*/messages', mailbox: anna.id, count: 1 };
    await control(sandbox, 'POST', 'faults', { ...create, fault: { kind: 'throttle', retryAfter: 2 } });
    await engine.settle();
    expect(await rowsOf(`SELECT state FROM delivery ORDER BY 1`)).toEqual([
      { state: 'imported' },
      { state: 'pending' },
    ]);

    await rowsOf(`UPDATE connector SET status = 'deleted', deleted_at = now() WHERE id = $1`, [first]);
    await engine.settle();
    const second = await engine.connect();
    await engine.finish();
    expect(await idsIn(anna)).toEqual([items[0]?.id]);
    expect(await idsIn(bruno)).toEqual([items[1]?.id]);
    expect((await engine.counts(second)).items).toMatchObject({ listed: 2, repeat: 2 });
  });
});

describe('windows', () => {
  it('catch up after days, without a gap', async () => {
    const items = Array.from({ length: 5 }, (_, day) => sms(anna, ago(day * DAY + HOUR)));
    const connectorId = await importAll(items, ago(5 * DAY));
    const windows = await engine.windows(connectorId);
    expect(windows[0]?.from).toEqual(ago(5 * DAY));
    expect(windows.at(-1)?.to).toEqual(source.settledThrough);
    for (const [index, { to }] of windows.entries()) {
      const next = windows[index + 1];
      if (!next) continue;
      expect(next.from).toEqual(to);
      expect(to.getTime() % DAY).toBe(0);
    }
    expect(await idsIn(anna)).toEqual(items.map(({ id }) => id).sort());
  });

  it('that fail do not hold up the others, and are imported when they can be', async () => {
    const items = [sms(anna, ago(2 * DAY + HOUR)), sms(anna, ago(HOUR))];
    source.listed.push(...items);
    const { items: list } = source;
    const broken: ScriptedSource['items'] = async (range, cursor, limit, signal) => {
      if (range.from < ago(2 * DAY)) throw new SourceError('unreachable', 'away');
      return list.call(source, range, cursor, limit, signal);
    };
    source.items = broken;
    await engine.connect({ firstImportFrom: ago(3 * DAY) });
    await engine.settle();
    expect(await idsIn(anna)).toEqual([items[1]?.id]);
    const open = await rowsOf<{ problem: string }>(`SELECT problem FROM import WHERE phase <> 'completed'`);
    expect(open.length).toBeGreaterThan(0);
    for (const { problem } of open) expect(problem).toBe('source_unreachable');

    source.items = list;
    await rowsOf('UPDATE import SET next_attempt_at = now()');
    await engine.finish();
    expect(await idsIn(anna)).toEqual(items.map(({ id }) => id).sort());
  });

  it('whose manifest holds more are an alert, and are read again', async () => {
    source.surplus = 1;
    const connectorId = await importAll([sms(anna, ago(2 * HOUR))], ago(3 * HOUR));
    expect(await rowsOf('SELECT DISTINCT code FROM alert')).toEqual([{ code: 'manifest_differs' }]);
    const unbalanced = await rowsOf(
      `SELECT DISTINCT i.balanced, w.state FROM import i JOIN import_window w ON w.id = i.window_id`,
    );
    expect(unbalanced).toEqual([{ balanced: false, state: 'open' }]);

    // It was late, and the manifest knew of it before the list did.
    source.surplus = 0;
    const late = sms(anna, ago(2 * HOUR));
    source.listed.push(late);
    await rowsOf('UPDATE import_window SET recheck_due_at = now()');
    await engine.finish();
    expect(await idsIn(anna)).toHaveLength(2);
    expect(await idsIn(anna)).toContain(late.id);
    expect(await rowsOf('SELECT DISTINCT state FROM import_window')).toEqual([{ state: 'closed' }]);
    expect((await engine.counts(connectorId)).items.imported).toBe(2);
  });
});

describe('a connector', () => {
  it('that is paused sends nothing, and goes on where it was', async () => {
    source.listed.push(sms(anna, ago(HOUR)));
    const connectorId = await engine.connect();
    await rowsOf('UPDATE connector SET paused_at = now() WHERE id = $1', [connectorId]);
    await engine.settle();
    expect(await rowsOf('SELECT 1 FROM import')).toEqual([]);
    await rowsOf('UPDATE connector SET paused_at = NULL WHERE id = $1', [connectorId]);
    await engine.settle();
    expect(await idsIn(anna)).toHaveLength(1);
  });

  it('whose password is refused asks once, stops, and raises one alert', async () => {
    source.listed.push(sms(anna, ago(HOUR)));
    source.failure = new SourceError('invalid_credentials', 'refused');
    await engine.connect();
    await engine.settle();
    await engine.settle();
    expect([...source.calls.values()].reduce((sum, calls) => sum + calls, 0)).toBe(1);
    expect(await rowsOf('SELECT code FROM alert')).toEqual([{ code: 'invalid_credentials' }]);
    expect(await rowsOf('SELECT stopped_reason FROM connector')).toEqual([{ stopped_reason: 'invalid_credentials' }]);
  });
});

describe('what was collected before a connector was stopped', () => {
  const collected = async (stoppedReason: string): Promise<void> => {
    source.listed.push(sms(anna, ago(HOUR)));
    const connectorId = await engine.connect();
    const { organizationId } = engine;
    const never = new AbortController().signal;
    await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
    await collectDue(engine.deps, organizationId, connectorId, never);
    await rowsOf('UPDATE connector SET stopped_at = now(), stopped_reason = $2 WHERE id = $1', [
      connectorId,
      stoppedReason,
    ]);
    await engine.settle();
  };

  it('because the source refuses us is delivered, and the source is left alone', async () => {
    await collected('invalid_credentials');
    expect(await idsIn(anna)).toHaveLength(1);
    const asked = source.calls.size;
    await engine.settle();
    expect(source.calls.size).toBe(asked);
  });

  it('because Microsoft 365 refuses us is not', async () => {
    await collected('consent_missing');
    expect(await idsIn(anna)).toHaveLength(0);
  });
});

describe('an attachment that the phone has not sent yet', () => {
  const bytes = randomBytes(50_000);
  const arrange = async (): Promise<{ item: Item; attachmentId: string; sha256: string | null }> => {
    const attachment = attach(source, 'photo.jpg', 'image/jpeg', bytes);
    source.attachments.set(attachment.id, null);
    const item = sms(anna, ago(HOUR), { type: 'mms', attachments: [attachment] });
    source.listed.push(item, sms(anna, ago(HOUR)));
    await engine.connect({ firstImportFrom: ago(2 * HOUR) });
    await engine.settle();
    // Its message waits, and no other does.
    expect(await idsIn(anna)).toHaveLength(1);
    return { item, attachmentId: attachment.id, sha256: attachment.sha256 ?? null };
  };

  it('is added when it comes', async () => {
    const { item, attachmentId, sha256 } = await arrange();
    source.attachments.set(attachmentId, bytes);
    await rowsOf('UPDATE delivery SET not_before = now()');
    await rowsOf('UPDATE attachment SET ask_again_at = now()');
    await engine.finish();
    const message = (await readMailboxes(engine.graph)).get(anna.id)?.find(({ itemId }) => itemId === item.id);
    expect(await attachmentHashes(engine.graph, anna.id, message?.id ?? '')).toEqual([sha256]);
    expect(await stagedBlobs()).toEqual([]);
  });

  it('is given up after a day: the message goes without it and says so', async () => {
    const { item } = await arrange();
    await rowsOf(`UPDATE attachment SET first_missed_at = now() - interval '25 hours'`);
    await rowsOf('UPDATE delivery SET not_before = now()');
    await rowsOf('UPDATE attachment SET ask_again_at = now()');
    await engine.finish();
    const message = (await readMailboxes(engine.graph)).get(anna.id)?.find(({ itemId }) => itemId === item.id);
    expect(message?.body.content).toContain('photo.jpg');
    const partial = await rowsOf(`SELECT reason FROM delivery WHERE state = 'partially_imported'`);
    expect(partial).toEqual([{ reason: 'attachment_not_ready' }]);
  });

  it('does not hold up other messages while the source is away', async () => {
    await arrange();
    source.failure = new SourceError('unreachable', 'away');
    await rowsOf('UPDATE delivery SET not_before = now()');
    await rowsOf('UPDATE attachment SET ask_again_at = now()');
    await engine.settle();
    expect(await rowsOf(`SELECT state, reason FROM delivery WHERE state <> 'imported'`)).toEqual([
      { state: 'pending', reason: 'attachment_not_ready' },
    ]);
  });
});
