/** `npm run verify-mailboxes` as an operator starts it: a process of its own, with the settings of a worker. */
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { heldBy } from '#lib/corrections/correction.fixture.ts';
import { control } from '#lib/imports/connector.fixture.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { productEnvironment } from './services/environment.ts';
import { newSecrets } from './services/secrets.ts';

const HOUR = 3_600_000;
let sandbox: TestSandbox;
let source: ScriptedSource;
let engine: Engine;
let env: Record<string, string>;
let connectorId: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  const [anna] = people;
  if (anna === undefined) throw new Error('nobody');
  for (const id of ['stays', 'goes']) {
    source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - HOUR), { id, text: 'For nobody else.' }));
  }
  connectorId = await engine.connect();
  await engine.finish();
  const gone = (await heldBy(engine, anna)).find(({ itemId }) => itemId === 'goes');
  await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/messages/${gone?.id}` });
  const { rows } = await engine.database.pool.query<{ name: string }>('SELECT current_database() AS name');
  const database = new URL(await testDatabase());
  database.pathname = `/${rows[0]?.name}`;
  env = productEnvironment(
    {
      database: database.href,
      redis: 'redis://localhost:1',
      blob: 'UseDevelopmentStorage=true',
      portal: 'http://localhost:3000',
      workerHealthPort: 0,
      sandbox,
    },
    newSecrets(),
  );
}, 120_000);
afterAll(async () => {
  await engine.close();
  await sandbox.stop();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function verify(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/verify-mailboxes.ts', ...args],
      { env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const day = (hours: number): string =>
  new Date(source.settledThrough.getTime() + hours * HOUR).toISOString().slice(0, 10);

it('ends with 1 where a copy is missing, names it, and says no word of a message', async () => {
  const asked = ['--connector', 'Android Archiver', '--from', day(-24), '--to', day(24)];
  const { code, out, err } = await verify(...asked);
  expect([code, err]).toEqual([1, '']);
  expect(out).toMatch(/^Missing \(recoverable\): item goes in \S+@alderbyrne\.example\nAndroid Archiver, reached/);
  expect(out).toMatch(/^Copies +2$/m);

  const lines = (await verify(...asked, '--json')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(
    lines
      .slice(0, 2)
      .map(({ item, result }) => `${item} ${result}`)
      .sort(),
  ).toEqual(['goes missing', 'stays found']);
  expect(lines[2]).toMatchObject({ summary: { copies: 2, results: { found: 1, missing: 1 }, isComplete: true } });
  expect(out + JSON.stringify(lines)).not.toMatch(/For nobody else|\+1\d{10}/);
}, 300_000);

it('takes the id of a connector, and ends with 0 where all is well', async () => {
  const { code, out } = await verify('--connector', connectorId, '--from', '2020-01-01', '--to', '2020-01-02');
  expect([code, out.split('\n')[1]]).toEqual([0, expect.stringMatching(/^Copies +0$/)]);
}, 300_000);

it('ends with 2 and says how it is called where it is called otherwise', async () => {
  for (const args of [[], ['--connector', 'No such', '--from', '2026-11-01', '--to', '2026-11-02']]) {
    const { code, err } = await verify(...args);
    expect([code, err]).toEqual([2, expect.stringContaining('npm run verify-mailboxes -- --connector')]);
  }
}, 300_000);
