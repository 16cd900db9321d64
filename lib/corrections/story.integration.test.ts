/** From the file with a mistake in it to mailboxes that are right again: mapping versions and corrections together. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { applyVersion, proposeVersion, type ReadingParts, versionDifference } from '../connectors/mapping/use-cases.ts';
import { HEADER } from '../connectors/mapping/world.fixture.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { recount } from '../imports/ledger.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '../imports/scripted-source.fixture.ts';
import { CorrectionBench, groupLines, heldBy, itemsOf } from './correction.fixture.ts';

const HOUR = 3_600_000;
/** A is mapped well, B's row names the mailbox of C, who archives nothing. */
const [a, b, c] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
let parts: ReadingParts;
let bench: CorrectionBench;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect({ automaticMapping: false });
  const { graph, enqueue, notify } = engine.deps;
  parts = { database: engine.database, graph, enqueue, notify };
  bench = new CorrectionBench(engine, connectorId);
});
afterEach(() => engine.close());

/** Uploads a file, looks at what it changes, and applies it. @returns its number, and copies that stay in old mailboxes */
async function upload(...rows: readonly (readonly [Person, Person])[]) {
  const text = HEADER + rows.map(([{ mobile }, { mail }]) => `${mobile},${mail},,\n`).join('');
  const bytes = new TextEncoder().encode(text);
  const input = { connectorId, fileName: 'mapping.csv', bytes, mode: 'replace', leaveOut: 0 } as const;
  const proposed = await proposeVersion(parts, bench.admin, { ...input, portalRows: null });
  if (proposed.kind !== 'proposed') throw new Error(JSON.stringify(proposed));
  const { versionId, number } = proposed;
  const difference = await versionDifference(parts, bench.admin, { connectorId, versionId });
  if (difference.kind !== 'difference') throw new Error(difference.kind);
  const applied = await applyVersion(parts, bench.admin, {
    ...{ connectorId, versionId, base: difference.base?.id ?? null, reason: 'as a test wants it' },
    ...{ confirmation: `apply version ${number}`, shiftedConfirmation: 'the mailboxes are right' },
  });
  if (applied.kind !== 'applied') throw new Error(JSON.stringify(applied));
  await engine.finish();
  return { number, archived: difference.effect.archivedLast30Days };
}

/** Copies of B's number: item, state, and the line and version of the file that chose the mailbox. */
async function evidence(): Promise<string[]> {
  const { rows } = await engine.database.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', i.source_item_id, d.state, 'row', d.mapping_row, 'of', v.number) AS line
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     LEFT JOIN mapping_version v ON v.id = d.mapping_version_id WHERE d.participant = $1 ORDER BY 1`,
    [b.mobile],
  );
  return rows.map(({ line }) => line);
}

it("B's row names another mailbox, is corrected, and so are the copies: B has each once, A's are not doubled", async () => {
  await upload([a, a], [b, c]);
  source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(sms(a, at, { id: 'to-both', recipients: [partyOf(b)] }), sms(b, at, { id: 'of-b' }));
  await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
  await engine.finish();
  expect([await itemsOf(engine, a), await itemsOf(engine, b)]).toEqual([['to-both'], []]);
  expect(await itemsOf(engine, c)).toEqual(['of-b', 'to-both']);
  const ofA = await heldBy(engine, a);

  const { number, archived } = await upload([a, a], [b, b]);
  // Applying moves nothing that was delivered, and says how much that is.
  expect(archived).toBe(2);
  expect(await itemsOf(engine, c)).toEqual(['of-b', 'to-both']);

  expect(groupLines(await bench.correct(b.mobile ?? ''))).toEqual(['removed: 2']);
  expect([await itemsOf(engine, b), await itemsOf(engine, c)]).toEqual([['of-b', 'to-both'], []]);
  expect(await heldBy(engine, a)).toEqual(ofA);
  expect(await evidence()).toEqual([`of-b imported row 3 of ${number}`, `to-both imported row 3 of ${number}`]);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  // The same file and another run double nothing.
  await upload([a, a], [b, b]);
  await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
  await engine.finish();
  expect([await itemsOf(engine, a), await itemsOf(engine, b)]).toEqual([['to-both'], ['of-b', 'to-both']]);
  expect(await itemsOf(engine, c)).toEqual([]);
});
