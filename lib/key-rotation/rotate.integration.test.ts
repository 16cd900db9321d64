/** A new key takes over while the installation works: all that is sealed comes with it, and nothing is lost. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { openPassword, sealPassword } from '../connectors/password.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from '../imports/scripted-source.fixture.ts';
import { dataKeyContext } from '../imports/stage-attachments.ts';
import { openChannelSecret, sealChannelSecret } from '../notifications/secrets.ts';
import { admitKeyRing, KeyRingRefusedError } from '../security/key-use.ts';
import { type KeyRing, parseKeyRing } from '../security/keyring.ts';
import { sealSecret, unwrapDataKey } from '../security/sealing.ts';
import { resealColumn } from './reseal-columns.ts';
import { fatesOfKeys, rotateKeys } from './rotate.ts';
import { RESEALED_COLUMNS } from './sealed-columns.ts';

const [anna, bruno] = people as readonly [Person, Person];
const oldKey = `old:${randomBytes(32).toString('base64')}`;
// Of another length, so that every frame has another length, too.
const newKey = `a-longer-id:${randomBytes(32).toString('base64')}`;
const oldRing = parseKeyRing(oldKey);
const bothKeys = parseKeyRing(`${newKey},${oldKey}`);
const newRing = parseKeyRing(newKey);

let sandbox: TestSandbox;
let source: ScriptedSource;
let engine: Engine;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  use(oldRing);
});
afterEach(() => engine.close());

/** From now on workers have this ring. */
function use(keyRing: KeyRing): void {
  Object.assign(engine.deps, { keyRing });
}

const rowsOf = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
  (await engine.database.pool.query<T>(sql, values)).rows;

const sealedWith = (ring: KeyRing) => ({ sealed: (id: string) => sealPassword(ring, id, 'the password') });

/** Makes its people waited for: nobody is mapped. */
const unmapped = { automaticMapping: false };

async function mapEverybody(connectorId: string): Promise<void> {
  const version = randomUUID();
  const { organizationId } = engine;
  await rowsOf(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     VALUES ($1, $2, $3, 1, 'in_force', 'file', 'test')`,
    [version, organizationId, connectorId],
  );
  for (const [index, person] of [anna, bruno].entries()) {
    await rowsOf(
      'INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, $4, $5)',
      [version, organizationId, person.mobile, index + 2, person.mail?.toLowerCase()],
    );
  }
  await engine.deps.enqueue('release', { organizationId, connectorId }, { key: connectorId });
}

const rotate = () => rotateKeys({ ...engine.deps, keyRing: bothKeys }, () => {});
const at = (minutes: number) => new Date(source.settledThrough.getTime() - minutes * 60_000);

async function textsInMailboxes(): Promise<string[]> {
  const messages = [...(await readMailboxes(engine.graph)).values()].flat();
  return messages.map(({ body }) => body?.content ?? '').sort();
}

it('what waits, its attachments and all secrets open with the new key alone, and are delivered from there', async () => {
  const picture = attach(source, 'plan.bin', 'application/octet-stream', randomBytes(300_000));
  source.listed.push(
    sms(anna, at(3), { text: 'first that waits', type: 'mms', attachments: [picture] }),
    sms(bruno, at(2), { text: 'second that waits' }),
    { id: 'unreadable', archivedTime: at(1).toISOString(), type: 'pigeon' },
  );
  const connectorId = await engine.connect({ ...unmapped, ...sealedWith(oldRing) });
  await engine.finish();
  await rowsOf(
    `INSERT INTO notification_setting (connector_id, organization_id, webhook_host, webhook_url_sealed, webhook_secret_sealed,
       webhook_id, heartbeat_host, heartbeat_url_sealed, heartbeat_id, summary_due_at)
     VALUES ($1, $2, 'h', $3, $4, gen_random_uuid(), 'h', $5, gen_random_uuid(), now())`,
    [
      ...[connectorId, engine.organizationId],
      ...(['webhook-url', 'webhook-secret', 'heartbeat-url'] as const).map((what) =>
        sealChannelSecret(oldRing, connectorId, what, `the ${what}`),
      ),
    ],
  );
  use(bothKeys);
  await admitKeyRing(engine.database.pool, oldRing);
  await rowsOf(`UPDATE sealing_key SET last_used_at = now() - interval '1 hour'`);
  expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);

  const [connector] = await rowsOf<{ password_sealed: string }>('SELECT password_sealed FROM connector');
  expect(openPassword(newRing, connectorId, connector?.password_sealed ?? '')).toBe('the password');
  const [setting] = await rowsOf<Record<string, string>>('SELECT * FROM notification_setting');
  expect(openChannelSecret(newRing, connectorId, 'webhook-url', setting?.webhook_url_sealed ?? '')).toBe(
    'the webhook-url',
  );
  expect(openChannelSecret(newRing, connectorId, 'webhook-secret', setting?.webhook_secret_sealed ?? '')).toBe(
    'the webhook-secret',
  );
  expect(openChannelSecret(newRing, connectorId, 'heartbeat-url', setting?.heartbeat_url_sealed ?? '')).toBe(
    'the heartbeat-url',
  );
  const keys = await rowsOf<{ id: string; data_key: Buffer }>('SELECT id, data_key FROM attachment');
  expect(keys).toHaveLength(1);
  for (const { id, data_key } of keys) unwrapDataKey(newRing, data_key, dataKeyContext(id));

  use(newRing);
  await admitKeyRing(engine.database.pool, newRing);
  await mapEverybody(connectorId);
  await engine.finish();
  const texts = await textsInMailboxes();
  expect(texts).toHaveLength(2);
  expect(texts[0]).toContain('first that waits');
  expect(texts[1]).toContain('second that waits');
  expect(await rowsOf(`SELECT DISTINCT state, reason FROM delivery`)).toEqual([{ state: 'imported', reason: null }]);
});

it('while an import runs and what waited is delivered, nothing is lost, and it comes to its end when they are over', async () => {
  const write = (from: number) => {
    for (let i = from; i < from + 40; i++) {
      source.listed.push(sms(i % 2 ? anna : bruno, at(i + 1), { text: `message ${i}` }));
    }
  };
  write(0);
  const connectorId = await engine.connect({ ...unmapped, ...sealedWith(oldRing) });
  await engine.finish();
  expect((await engine.counts(connectorId)).copies).toMatchObject({ waiting: 40 });

  write(40);
  await mapEverybody(connectorId);
  await rowsOf('UPDATE import_window SET recheck_due_at = now()');
  use(bothKeys);
  let over = false;
  const importing = engine.finish().finally(() => {
    over = true;
  });
  let rotations = 0;
  for (; !over; rotations++) await rotate();
  await importing;
  expect(rotations).toBeGreaterThan(1);
  expect((await engine.counts(connectorId)).copies).toMatchObject({ imported: 80, failed: 0, waiting: 0 });
  expect(new Set(await textsInMailboxes()).size).toBe(80);
  expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);
});

it('pages of an import that is under way wait until it is over, and the key is in use until then', async () => {
  source.listed.push(sms(anna, at(1), { text: 'under way' }));
  await engine.connect({ ...unmapped, ...sealedWith(oldRing) });
  await engine.finish();
  // As it is between collecting and its end.
  await rowsOf(`UPDATE import SET phase = 'delivering', staging_cleared_at = NULL`);
  expect(await rotate()).toEqual([{ id: 'old', kind: 'in_use', uses: [{ where: 'staged pages', count: 1 }] }]);
  await rowsOf(`UPDATE import SET phase = 'completed'`);
  expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);
});

describe('what somebody writes meanwhile', () => {
  it('stays: a password that is set between reading and writing is not overwritten by the old one', async () => {
    const connectorId = await engine.connect(sealedWith(oldRing));
    const { pool } = engine.database;
    const query = pool.query.bind(pool);
    const meanwhile = vi.spyOn(pool, 'query').mockImplementation((async (...given: Parameters<typeof query>) => {
      const answer = await query(...given);
      if (String(given[0]).includes('ARRAY[id::text] AS key, password_sealed')) {
        await query('UPDATE connector SET password_sealed = $1', [sealPassword(bothKeys, connectorId, 'another')]);
      }
      return answer;
    }) as typeof pool.query);
    const [passwords] = RESEALED_COLUMNS;
    if (!passwords) throw new Error('no column');
    expect(await resealColumn(pool, bothKeys, passwords)).toEqual({ resealed: 0, unopened: 0 });
    meanwhile.mockRestore();
    const [row] = await rowsOf<{ password_sealed: string }>('SELECT password_sealed FROM connector');
    expect(openPassword(newRing, connectorId, row?.password_sealed ?? '')).toBe('another');
  });

  it('a password that was refused is still the one that was refused', async () => {
    const connectorId = await engine.connect(sealedWith(oldRing));
    await rowsOf('UPDATE connector SET refused_password_sealed = password_sealed');
    await rotate();
    expect(await rowsOf('SELECT refused_password_sealed = password_sealed AS same FROM connector')).toEqual([
      { same: true },
    ]);
    // One that was replaced since says nothing any more.
    await rowsOf('UPDATE connector SET refused_password_sealed = $1', [sealPassword(oldRing, connectorId, 'stale')]);
    expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);
    expect(await rowsOf('SELECT refused_password_sealed AS refused FROM connector')).toEqual([{ refused: null }]);
  });
});

describe('a key stays in use', () => {
  it('while a process seals with it, whatever lies under it', async () => {
    await engine.connect(sealedWith(oldRing));
    await admitKeyRing(engine.database.pool, oldRing);
    expect(await rotate()).toMatchObject([{ id: 'old', kind: 'sealing' }]);
    await rowsOf(`UPDATE sealing_key SET last_used_at = now() - interval '4 minutes'`);
    expect(await rotate()).toMatchObject([{ id: 'old', kind: 'sealing' }]);
    await rowsOf(`UPDATE sealing_key SET last_used_at = now() - interval '5 minutes'`);
    expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);
  });

  it('while an upload session lies under it that has not ended', async () => {
    await engine.connect(sealedWith(bothKeys));
    const session = (expires: string) =>
      rowsOf(
        `INSERT INTO upload_session (archived_at, delivery_id, attachment, organization_id, url_sealed, expires_at)
         VALUES (now(), 1, 'a', $1, $2, now() + $3::interval)`,
        [engine.organizationId, sealSecret(oldRing, 'https://upload', 'x'), expires],
      );
    await session('1 day');
    expect(await rotate()).toEqual([
      { id: 'old', kind: 'in_use', uses: [{ where: 'upload_session.url_sealed', count: 1 }] },
    ]);
    await rowsOf(`UPDATE upload_session SET expires_at = now() - interval '25 hours'`);
    expect(await rotate()).toEqual([{ id: 'old', kind: 'free' }]);
  });

  it('while a value does not open, which stays as it is', async () => {
    const connectorId = await engine.connect({ sealed: () => sealPassword(oldRing, randomUUID(), 'of another row') });
    const [before] = await rowsOf('SELECT password_sealed FROM connector');
    expect(await rotate()).toEqual([
      { id: 'old', kind: 'in_use', uses: [{ where: 'connector.password_sealed', count: 1 }] },
    ]);
    expect(await rowsOf('SELECT password_sealed FROM connector WHERE id = $1', [connectorId])).toEqual([before]);
  });
});

describe('a ring is refused', () => {
  it('that lacks a key in use, or has another one under its id; one whose key nobody uses is not', async () => {
    const { pool } = engine.database;
    await engine.connect(sealedWith(oldRing));
    await admitKeyRing(pool, oldRing);
    await expect(admitKeyRing(pool, newRing)).rejects.toThrow('The key "old" is in use and is not in ENCRYPTION_KEYS.');
    await expect(admitKeyRing(pool, parseKeyRing(`old:${randomBytes(32).toString('base64')}`))).rejects.toThrow(
      'another key under the id "old"',
    );
    await expect(rotateKeys({ ...engine.deps, keyRing: newRing }, () => {})).rejects.toThrow(KeyRingRefusedError);
    // A refused one leaves no trace.
    expect(await rowsOf('SELECT id FROM sealing_key')).toEqual([{ id: 'old' }]);
    await rowsOf(`UPDATE sealing_key SET last_used_at = now() - interval '1 hour'`);
    await rotate();
    await admitKeyRing(pool, newRing);
    expect(await rowsOf('SELECT id FROM sealing_key')).toEqual([{ id: 'a-longer-id' }]);
  });

  it('also for a key that nobody has noted: rotation notes what it finds', async () => {
    const { pool } = engine.database;
    await engine.connect({ sealed: () => sealPassword(oldRing, randomUUID(), 'does not open') });
    await rotate();
    await expect(admitKeyRing(pool, newRing)).rejects.toThrow('The key "old" is in use');
    expect(await fatesOfKeys({ ...engine.deps, pool, keyRing: bothKeys })).toMatchObject([
      { id: 'old', kind: 'in_use' },
    ]);
  });
});
