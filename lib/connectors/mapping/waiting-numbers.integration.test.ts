/** Numbers without a mailbox, as an import left them and as the directory knows their people. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { control } from '#lib/imports/connector.fixture.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../rows.fixture.ts';
import { mapNumber, type ReadingParts, waitingNumbers } from './use-cases.ts';

const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
const HOUR = 3_600_000;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
let parts: ReadingParts;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect({ automaticMapping: false });
  const { graph, enqueue, notify } = engine.deps;
  parts = { database: engine.database, graph, enqueue, notify };
});
afterEach(() => engine.close());

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const mailOf = ({ mail }: Person): string => (mail ?? '').toLowerCase();
const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

async function importAll(): Promise<void> {
  const { organizationId } = engine;
  await engine.deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  await engine.finish();
}

/** How the source lists somebody. */
async function listedAs(person: Person, name: string | null, email: string | null): Promise<void> {
  await engine.database.pool.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, name, email, status)
     SELECT source_id, organization_id, $2, $2, $3, $4, 'activated' FROM connector WHERE id = $1
     ON CONFLICT (source_id, mobile) DO UPDATE SET name = excluded.name, email = excluded.email`,
    [connectorId, numberOf(person), name, email],
  );
}

const found = (limit = 10, actor = admin()) => waitingNumbers(parts, actor, { connectorId, limit });
const suggestions = async (): Promise<Record<string, string | null>> =>
  Object.fromEntries((await found()).numbers.map(({ number, suggested }) => [number, suggested]));

beforeEach(async () => {
  const at = (hours: number) => new Date(source.settledThrough.getTime() - hours * HOUR);
  source.listed.push(
    sms(anna, at(1), { id: 'one' }),
    sms(bruno, at(3), { id: 'two' }),
    sms(bruno, at(2), { id: 'three' }),
  );
  await importAll();
});

it('lists people by how much waits for them, the oldest with it, and no more than was asked for', async () => {
  const { numbers, more } = await found();
  expect(numbers.map(({ number, waiting }) => [number, waiting])).toEqual([
    [numberOf(bruno), 2],
    [numberOf(anna), 1],
  ]);
  expect(numbers[0]?.oldest.getTime()).toBeLessThan(numbers[1]?.oldest.getTime() ?? 0);
  expect(more).toBe(false);
  expect(await found(1)).toMatchObject({ numbers: [{ number: numberOf(bruno) }], more: true });
});

it('suggests the address at the source, else that of the one who has the name', async () => {
  await listedAs(anna, 'Nobody Special', mailOf(anna).toUpperCase());
  await listedAs(bruno, cleo.displayName, 'bruno@home.example');
  expect(await suggestions()).toEqual({ [numberOf(anna)]: mailOf(anna), [numberOf(bruno)]: cleo.mail });
  await listedAs(bruno, 'Nobody Special', null);
  expect(await suggestions()).toMatchObject({ [numberOf(bruno)]: null });
});

it('an address that leads nowhere is no suggestion, nor is it found again by the name', async () => {
  await listedAs(anna, anna.displayName, mailOf(anna));
  await engine.database.pool.query(
    `INSERT INTO directory_entry (organization_id, address, result) VALUES ($1, $2, 'no_mailbox')
     ON CONFLICT (organization_id, address) DO UPDATE SET result = 'no_mailbox'`,
    [engine.organizationId, mailOf(anna)],
  );
  expect(await suggestions()).toMatchObject({ [numberOf(anna)]: null });
});

it('is a list without suggestions where the directory does not answer', async () => {
  await listedAs(bruno, cleo.displayName, null);
  await control(sandbox, 'POST', 'faults', {
    service: 'graph',
    fault: { kind: 'refuse', status: 503, code: 'serviceNotAvailable' },
  });
  expect((await suggestions())[numberOf(bruno)]).toBeNull();
});

it('who was mapped or is somebody else’s is not on the list; who may not see numbers sees enough to tell two apart', async () => {
  const input = { connectorId, number: numberOf(bruno), mailbox: mailOf(bruno), reason: 'a new phone' };
  expect(await mapNumber(parts, admin(), input)).toMatchObject({ kind: 'applied' });
  await engine.finish();
  const { numbers } = await found(10, seededActor(engine.organizationId));
  expect(numbers.map(({ number }) => number)).toEqual([expect.stringMatching(/^\+\d•+\d{4}$/)]);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await found(10, stranger)).toEqual({ numbers: [], more: false });
});
