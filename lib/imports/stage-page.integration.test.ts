/** A page whose attachments are many gigabytes: it is written with what fits, and the rest is fetched by a job of its own. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, rememberMailboxes } from './ledger.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { PAGE_BYTES } from './stage-page.ts';

const [anna] = people as readonly [Person, ...Person[]];

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
afterEach(() => engine.close());

it('what goes beyond the bound is missing without having been missed, and all arrives whole', async () => {
  const connectorId = await engine.connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  for (let n = 0; n < 5; n++) {
    // A size that lies while the hash is right is not held against an attachment.
    const video = { ...attach(source, `video-${n}.mp4`, 'video/mp4', randomBytes(2_000)), size: PAGE_BYTES / 2 };
    const at = new Date(source.settledThrough.getTime() - 3_600_000 + n);
    source.listed.push(sms(anna, at, { id: `video-${n}`, type: 'mms', attachments: [video] }));
  }
  await collect(engine, connectorId);
  const { rows } = await engine.database.pool.query(
    `SELECT state, reason, first_missed_at IS NULL AS unmissed, ask_again_at <= now() AS due, count(*)::int FROM attachment
     GROUP BY 1, 2, 3, 4 ORDER BY 1`,
  );
  expect(rows).toEqual([
    { state: 'missing', reason: null, unmissed: true, due: true, count: 3 },
    { state: 'staged', reason: null, unmissed: true, due: null, count: 2 },
  ]);
  expect(source.calls.get('attachment')).toBe(2);
  await engine.finish();
  expect((await copies(engine.database.pool)).map(({ state }) => state)).toEqual(Array(5).fill('imported'));
  expect(source.calls.get('attachment')).toBe(5);
});
