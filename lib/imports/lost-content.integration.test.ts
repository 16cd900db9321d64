/** Staged content that was cut short, altered or deleted: what is lost is named, and everything else arrives. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { attachmentName, pageName } from '../staging/names.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, rememberMailboxes } from './ledger.fixture.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

const [anna] = people as readonly [Person, ...Person[]];
const MIB = 1024 * 1024;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

async function rowsOf<T extends object>(sql: string): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql)).rows;
}

const at = (n = 0) => new Date(source.settledThrough.getTime() - 3_600_000 + n);

/** What became of each copy, by item. */
const lines = async () =>
  (await copies(engine.database.pool)).map(({ item, state, reason }) => `${item} ${state} ${reason ?? ''}`.trim());

async function expectTheEnd(): Promise<void> {
  expect(await rowsOf('SELECT DISTINCT phase, balanced FROM import')).toEqual([{ phase: 'completed', balanced: true }]);
}

it('a page that was cut short costs what lay behind the cut, and nothing else of its shard', async () => {
  for (let n = 0; n < 4; n++) source.listed.push(sms(anna, at(n), { id: `item-${n}` }));
  await collect(engine, connectorId);
  const [{ importId, page, length, cut } = { importId: '', page: 0, length: 0, cut: 0 }] = await rowsOf<{
    importId: string;
    page: number;
    length: number;
    cut: number;
  }>(
    `SELECT import_id AS "importId", page, max(frame_offset + frame_length) AS length,
       (array_agg(frame_offset ORDER BY frame_offset))[3] + 10 AS cut FROM delivery GROUP BY 1, 2`,
  );
  const { staging } = engine.deps;
  const blob = pageName(engine.organizationId, importId, page);
  const whole = await staging.readRange(blob, 0, length);
  await staging.delete(blob);
  await staging.putPage(blob, whole.subarray(0, cut));
  await engine.finish();
  const ends = (await lines()).map((line) => line.replace(/^item-\d /, '')).sort();
  expect(ends).toEqual(['failed content_damaged', 'failed content_damaged', 'imported', 'imported']);
  expect(await rowsOf(`SELECT code, detail->>'frames' AS frames FROM alert WHERE resolved_at IS NULL`)).toEqual([
    { code: 'content_missing', frames: '4' },
  ]);
  await expectTheEnd();
});

it.each([
  ['small, and was deleted', 0.1, 'content_missing'],
  ['large, and was deleted', 3.3, 'content_missing'],
  ['small, and was altered', 0.1, 'content_damaged'],
  ['large, and was altered', 3.3, 'content_damaged'],
] as const)(
  'an attachment that is %s: its message has the other one, and says what is missing',
  async (_name, size, reason) => {
    const lost = attach(source, 'lost.pdf', 'application/pdf', randomBytes(size * MIB));
    const kept = attach(source, 'kept.pdf', 'application/pdf', randomBytes(1_000));
    source.listed.push(
      sms(anna, at(), { id: 'both', type: 'mms', attachments: [lost, kept] }),
      sms(anna, at(1), { id: 'text' }),
    );
    await collect(engine, connectorId);
    const rows = await rowsOf<{ id: string; import_id: string; source_attachment_id: string }>(
      'SELECT * FROM attachment',
    );
    const blobs = rows.map((row) => ({
      isLost: row.source_attachment_id === lost.id,
      name: attachmentName(engine.organizationId, row.import_id, BigInt(row.id)),
    }));
    const { staging } = engine.deps;
    const name = blobs.find(({ isLost }) => isLost)?.name ?? '';
    await staging.delete(name);
    // Sealed by nobody.
    if (reason === 'content_damaged') await staging.putPage(name, randomBytes(size * MIB));
    await engine.finish();
    expect(await lines()).toEqual([`both partially_imported ${reason}`, 'text imported']);
    const message = (await readMailboxes(engine.graph)).get(anna.id)?.find(({ itemId }) => itemId === 'both');
    const hashes = await attachmentHashes(engine.graph, anna.id, message?.id ?? '');
    // The other one, and the file that says what is not there.
    expect(hashes).toHaveLength(2);
    expect(hashes).toContain(kept.sha256);
    await expectTheEnd();
  },
);
