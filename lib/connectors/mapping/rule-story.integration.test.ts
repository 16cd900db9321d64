/** Another rule comes into force, from the proposal to the mailboxes: what waits, what is on its way, and what was delivered. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Item } from '#lib/archive/item.ts';
import { control } from '#lib/imports/connector.fixture.ts';
import type { ImportDeps } from '#lib/imports/deps.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { collect, copies, mapNumbers, recount } from '#lib/imports/ledger.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { releaseWaiting } from '#lib/imports/release.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../rows.fixture.ts';
import type { ComparingParts } from './parts.ts';
import { applyVersion, changeRule, type ReadingParts, versionDifference } from './use-cases.ts';

const HOUR = 3_600_000;
const never = new AbortController().signal;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
let parts: ReadingParts & ComparingParts;
async function start(automaticMapping: boolean): Promise<void> {
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect({ automaticMapping });
  const { graph, enqueue, notify, keyRing } = engine.deps;
  parts = { database: engine.database, graph, enqueue, notify, keyRing };
}
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const mailOf = ({ mail }: Person): string => mail ?? '';
const grace = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

function list(of: Person, id: string, traits: Partial<Item> = {}): void {
  source.listed.push(sms(of, new Date(source.settledThrough.getTime() - HOUR), { id, ...traits }));
}

async function importAll(): Promise<void> {
  const { organizationId } = engine;
  await engine.deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  await engine.finish();
}

async function propose(automatic: boolean, defaultRegion = 'US', seenRegion = 'US'): Promise<string> {
  const { rows } = await engine.database.pool.query<{ automatic: boolean }>(
    'SELECT automatic_mapping AS automatic FROM connector WHERE id = $1',
    [connectorId],
  );
  const seen = { automatic: rows[0]?.automatic ?? false, defaultRegion: seenRegion };
  const result = await changeRule(parts, grace(), { connectorId, automatic, defaultRegion, seen });
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}

async function effectOf(versionId: string) {
  const difference = await versionDifference(parts, grace(), { connectorId, versionId });
  if (difference.kind !== 'difference') throw new Error(difference.kind);
  return difference;
}

async function apply(versionId: string): Promise<void> {
  const { version, base } = await effectOf(versionId);
  const result = await applyVersion(parts, grace(), {
    connectorId,
    versionId,
    base: base?.id ?? null,
    reason: 'as a test wants it',
    confirmation: `apply version ${version.number}`,
    shiftedConfirmation: null,
  });
  if (result.kind !== 'applied') throw new Error(JSON.stringify(result));
}

async function held(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

const lines = async (): Promise<string[]> =>
  (await copies(engine.database.pool)).map(({ item, state, reason, user }) => {
    const whose = [anna, bruno, cleo].find(({ id }) => id === user);
    return `${item} ${reason ?? state} ${whose?.surname ?? 'nobody'}`;
  });

it('a waiting item is imported when automatic mapping is switched on, and not before', async () => {
  await start(false);
  await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(bruno) });
  list(anna, 'waits');
  list(bruno, 'mapped');
  await importAll();
  expect(await lines()).toContain('waits not_mapped nobody');
  expect([await held(anna), await held(bruno)]).toEqual([[], ['mapped']]);
  const versionId = await propose(true);
  expect(await effectOf(versionId)).toMatchObject({
    effect: { waitingReleased: 1 },
    rule: { changes: ['automatic'], moved: { removed: 0, changed: 0 } },
  });
  await engine.finish();
  expect(await held(anna)).toEqual([]);
  await apply(versionId);
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['waits'], ['mapped']]);
});

it('a copy on its way is decided anew when automatic mapping is switched off; what was delivered stays', async () => {
  await start(true);
  await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(bruno) });
  list(anna, 'delivered');
  await importAll();
  source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
  list(anna, 'pending');
  list(bruno, 'mapped');
  await collect(engine, connectorId);
  await apply(await propose(false));
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['delivered'], ['mapped']]);
  expect(await lines()).toContain('pending not_mapped nobody');
});

it('another region reads a national number anew: of the owner, and of registered users', async () => {
  await start(false);
  await mapNumbers(engine, connectorId, { '+442079460123': mailOf(anna), '+12025550123': mailOf(bruno) });
  const national = { mobile: '020 7946 0123', email: null, name: null };
  list(cleo, 'national', { owner: national, sender: national });
  // Here the owner's own number says in which country the other is.
  list(bruno, 'beside an owner abroad', {
    owner: { ...partyOf(bruno), mobile: '+12025550123' },
    sender: { ...partyOf(bruno), mobile: '+12025550123' },
    recipients: [{ ...partyOf(cleo), mobile: '(202) 555-0123' }],
  });
  await engine.database.pool.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, email, status)
     SELECT source_id, organization_id, '020 7946 0123', NULL, 'activated' FROM connector WHERE id = $1`,
    [connectorId],
  );
  await importAll();
  expect([await held(anna), await held(bruno)]).toEqual([[], ['beside an owner abroad']]);
  const versionId = await propose(false, 'GB');
  expect(await effectOf(versionId)).toMatchObject({
    effect: { waitingReleased: 1 },
    rule: { changes: ['region'], before: { defaultRegion: 'US' }, after: { defaultRegion: 'GB' } },
  });
  await apply(versionId);
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['national'], ['beside an owner abroad']]);
  const { rows } = await engine.database.pool.query(
    `SELECT d.number, d.region, (SELECT s.number FROM source_user s WHERE s.mobile = d.written) AS registered
     FROM delivery d WHERE d.region_assumed`,
  );
  expect(rows).toEqual([{ number: '+442079460123', region: 'GB', registered: '+442079460123' }]);
});

it('who has read the old rule cannot write under the new one', async () => {
  await start(false);
  list(anna, 'waits');
  await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(bruno) });
  await importAll();
  await apply(await propose(true));
  const { ledger } = engine.deps;
  let raced = 0;
  const deps: ImportDeps = {
    ...engine.deps,
    ledger: {
      ...ledger,
      // Automatic mapping is switched off between reading the rule and writing what it decided.
      owedContext: async (...asked) => {
        const context = await ledger.owedContext(...asked);
        if (raced++ === 0) await apply(await propose(false));
        return context;
      },
    },
  };
  expect(await releaseWaiting(deps, engine.organizationId, connectorId, never)).toBe(0);
  expect(await lines()).toEqual([`waits not_mapped nobody`]);
  await engine.finish();
  expect(raced).toBeGreaterThan(0);
  expect(await held(anna)).toEqual([]);
  expect(await lines()).toEqual([`waits not_mapped nobody`]);
});

it('who was given a connector before a rule changed decides by the rule that belongs to the version', async () => {
  await start(false);
  await mapNumbers(engine, connectorId, { [numberOf(bruno)]: mailOf(bruno) });
  list(anna, 'waits');
  const connector = await engine.deps.ledger.liveConnector(engine.organizationId, connectorId);
  if (connector === null) throw new Error('no connector');
  await apply(await propose(true, 'GB'));
  const context = await engine.deps.ledger.owedContext(connector, () => []);
  expect(context).toMatchObject({ automaticMapping: true, defaultRegion: 'GB' });
});
