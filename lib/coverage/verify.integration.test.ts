/** The job against a sandbox directory: what it finds, that it can stop anywhere, and that there is one at a time. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SourceError } from '../archive/source.ts';
import { deleteConnector } from '../connectors/delete.ts';
import { mapNumber } from '../connectors/mapping/use-cases.ts';
import { control, grantConsent } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { mapNumbers } from '../imports/ledger.fixture.ts';
import type { BatchRequest, Graph } from '../microsoft/graph.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import type { Role } from '../security/roles.ts';
import { coverageState, linePage } from './list.ts';
import { requestVerification } from './request.ts';
import { selectionOf } from './selection.ts';
import { askForVerifications, type VerificationDeps, verifyConnector } from './verify.ts';

let sandbox: TestSandbox;
let engine: Engine;
let connectorId: string;
const never = new AbortController().signal;
const { id: organizationId } = alderByrne;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(async () => {
  await grantConsent(sandbox);
  engine = await startEngine(sandbox);
  connectorId = await engine.connect();
  return () => engine.close();
});
afterAll(() => sandbox?.stop());

function actor(roles: readonly Role[] = ['DataConnectors.Admin'], organization = organizationId): Actor {
  return { organizationId: organization, userId: 'u', name: 'Ada', address: 'ada@x.example', roles };
}

const request = () => requestVerification(engine.deps, actor(), connectorId);
const verify = (deps: Partial<VerificationDeps> = {}, signal = never) =>
  verifyConnector({ ...engine.deps, ...deps }, { organizationId, connectorId }, signal);

async function rows<T extends object>(sql: string, ...values: unknown[]): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, values)).rows;
}

interface Row {
  readonly state: string;
  readonly stage: string;
  readonly done: number;
  readonly total: number | null;
  readonly problem: string | null;
  readonly attempts: number;
  readonly owned: boolean;
  readonly later: boolean;
  readonly counts: unknown;
}

async function verification(): Promise<Row | undefined> {
  const [row] = await rows<Row>(
    `SELECT state, stage, done, total, problem, attempts, counts, owned_until IS NOT NULL AS owned,
       next_attempt_at > now() AS later FROM verification ORDER BY requested_at DESC LIMIT 1`,
  );
  return row;
}

interface Line {
  readonly mobile: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly result: string;
  readonly mailbox: string | null;
  readonly mapped_result: string | null;
}

const lines = () =>
  rows<Line>('SELECT mobile, name, status, result, mailbox, mapped_result FROM coverage_line ORDER BY mobile, id');

function personNamed(surname: string) {
  const person = alderByrne.people.find((one) => one.surname === surname);
  if (!person?.mobile) throw new Error(surname);
  return { mobile: person.mobile, mail: person.mail };
}

/** Registers so many users, of whom the directory knows nobody, as if the source had listed them just now. */
async function registerStrangers(count: number): Promise<void> {
  await rows(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status)
     SELECT s.id, s.organization_id, '+1212555' || n, '+1212555' || n, 'stranger' || n || '@alderbyrne.example', 'S ' || n,
       'activated' FROM source s, generate_series(1000, $1::int) n`,
    1000 + count - 1,
  );
  await rows('UPDATE source SET users_read_at = now()');
}

/** Calls back once, before the first batch after so many people are done; earlier batches may be repeated by Graph's wish. */
function once(done: number, callBack: () => void | Promise<void>): () => Promise<void> {
  let isOver = false;
  return async () => {
    if (isOver || (await verification())?.done !== done || isOver) return;
    isOver = true;
    await callBack();
  };
}

/** Graph, telling which addresses were asked about, and calling back before each batch. */
function watchedGraph(before: () => void | Promise<void> = () => {}) {
  const asked = new Set<string>();
  const graph: Graph = {
    ...engine.graph,
    batch: async (requests: readonly BatchRequest[], options) => {
      await before();
      for (const { url } of requests)
        for (const [address] of decodeURIComponent(url).matchAll(/stranger\d+@/g)) asked.add(address);
      return engine.graph.batch(requests, options);
    },
  };
  return { graph: () => graph, asked };
}

describe('what it finds', () => {
  it('is the state of every registered user and of every row of the mapping', async () => {
    const [ben, dana, yuki, elif] = ['Carter', 'Whitlock', 'Tanaka', 'Demir'].map(personNamed);
    if (!ben || !dana || !yuki || !elif?.mail) throw new Error('people');
    await mapNumbers(engine, connectorId, {
      [ben.mobile]: 'nobody.at.all@alderbyrne.example',
      [dana.mobile]: elif.mail,
      '+442079460000': 'victor.lindqvist@alderbyrne.example',
      '+442079460001': 'yuki.tanaka@alderbyrne.example',
    });
    await rows('UPDATE mapping_version SET row_count = 4');
    expect(await request()).toBe('done');
    await verify();
    const found = await lines();
    const of = (mobile: string) => found.filter((line) => line.mobile === mobile);
    expect(of(ben.mobile)).toMatchObject([
      { status: 'activated', result: 'mailbox_not_found', mapped_result: 'mailbox_not_found' },
    ]);
    expect(of(dana.mobile)).toMatchObject([{ result: 'guest', mapped_result: 'guest' }]);
    expect(of(yuki.mobile)).toMatchObject([{ result: 'no_mailbox', mapped_result: null }]);
    expect(of(elif.mobile)).toMatchObject([{ result: 'foreign_address' }]);
    expect(of('+442079460000')).toMatchObject([
      { status: null, result: 'mailbox', mailbox: 'victor.lindqvist@alderbyrne.example', mapped_result: 'mailbox' },
    ]);
    expect(of('+442079460001')).toMatchObject([{ status: null, result: 'no_mailbox' }]);
    const { done } = await coverageState(engine.database.pool, actor(), connectorId);
    if (done === null) throw new Error('not done');
    const search = async (words: string) => {
      const selection = selectionOf(new URLSearchParams({ search: words }));
      const page = await linePage(engine.database.pool, actor(), done, selection, 50);
      return page.lines.map(({ name, mobile }) => name ?? mobile);
    };
    expect(await search('BEN CART')).toEqual(['Ben Carter']);
    expect(await search('nobody.at.all@')).toEqual(['Ben Carter']);
    expect(await search('(20) 7946 0000')).toEqual(['+442079460000']);
    // Or a page of a hundred thousand lines would be sorted until autovacuum has come round.
    expect(
      await rows(`SELECT 1 FROM pg_stats WHERE tablename = 'coverage_line' AND attname = 'name_key'`),
    ).toHaveLength(1);
    // Every phone of the account, those in national form too, and the two numbers of nobody.
    const registered = await rows(`SELECT 1 FROM source_user WHERE status <> 'deleted'`);
    expect(registered.length).toBeGreaterThan(30);
    expect(found).toHaveLength(registered.length + 2);
    const withMailbox = found.filter(({ status, result }) => status !== null && result === 'mailbox').length;
    expect(await verification()).toMatchObject({
      state: 'done',
      done: registered.length + 4,
      total: registered.length + 4,
      counts: {
        registered: registered.length,
        withMailbox,
        unregistered: 2,
        without: expect.objectContaining({ guest: 1, mailbox_not_found: 1, no_mailbox: 1 }),
        unusable: { guest: 1, mailbox_not_found: 1, no_mailbox: 1 },
        oldestAnswerAt: expect.stringMatching(/^20\d\d-.*Z$/),
      },
    });
  });

  it('every row of a version, also of the one that it rests on, and however many there are', async () => {
    const number = (index: number) => `+4420794${String(index).padStart(5, '0')}`;
    // More than are read at a time, and one with many rows where a page ends.
    const many = Object.fromEntries(
      Array.from({ length: 260 }, (_, index) => [number(index), 'victor.lindqvist@alderbyrne.example']),
    );
    const month = (index: number) => new Date(Date.UTC(2020, index, 1));
    const periods = Array.from({ length: 40 }, (_, index) => ({
      ...{ mailbox: 'victor.lindqvist@alderbyrne.example', from: month(index), to: month(index + 1) },
    }));
    await mapNumbers(engine, connectorId, { ...many, [number(230)]: periods });
    await rows('UPDATE source SET users_read_at = now()');
    await rows('UPDATE organization SET directory_read_at = now()');
    const mapped = {
      connectorId,
      number: number(999),
      mailbox: 'yuki.tanaka@alderbyrne.example',
      reason: 'a new phone',
    };
    const parts = { ...engine.deps, database: engine.database, graph: () => engine.graph };
    expect(await mapNumber(parts, actor(), mapped)).toMatchObject({ kind: 'applied' });
    const resting = await rows(
      `SELECT 1 FROM mapping_version WHERE status = 'in_force' AND rest_version_id IS NOT NULL`,
    );
    expect(resting).toHaveLength(1);
    await request();
    await verify();
    const found = await lines();
    expect(found).toHaveLength(259 + 40 + 1);
    expect(found.filter(({ mobile }) => mobile === number(230))).toHaveLength(40);
    expect(found.at(-1)).toMatchObject({ mobile: number(999), result: 'no_mailbox' });
    expect(await verification()).toMatchObject({ state: 'done', counts: { unregistered: 261, registered: 0 } });
  });

  it('goes by what the directory said within the hour of a mailbox, and asks anew about everything else', async () => {
    await registerStrangers(3);
    await rows(
      `INSERT INTO directory_entry (organization_id, address, result, user_id, checked_at) VALUES
         ($1, 'stranger1000@alderbyrne.example', 'mailbox', gen_random_uuid(), now() - interval '50 minutes'),
         ($1, 'stranger1001@alderbyrne.example', 'mailbox', gen_random_uuid(), now() - interval '70 minutes'),
         ($1, 'stranger1002@alderbyrne.example', 'guest', NULL, now() - interval '1 minute')`,
      organizationId,
    );
    await request();
    const { graph, asked } = watchedGraph();
    await verify({ graph });
    expect([...asked].sort()).toEqual(['stranger1001@', 'stranger1002@']);
    expect((await lines()).map(({ result }) => result)).toEqual(['mailbox', 'mailbox_not_found', 'mailbox_not_found']);
    const ages = await rows<{ old: boolean }>(
      `SELECT checked_at < now() - interval '45 minutes' AS old FROM coverage_line ORDER BY mobile`,
    );
    expect(ages.map(({ old }) => old)).toEqual([true, false, false]);
  });

  it('goes by the users that are known where the source does not answer', async () => {
    await registerStrangers(2);
    await rows(`UPDATE source SET users_read_at = now() - interval '2 days'`);
    await request();
    const refusing = () => ({
      ...engine.source,
      users: async function* () {
        yield* [];
        throw new SourceError('invalid_credentials', 'refused');
      },
    });
    await verify({ source: refusing });
    expect(await verification()).toMatchObject({ state: 'done', total: 2 });
    const [read] = await rows<{ old: boolean }>(
      `SELECT users_read_at < now() - interval '1 day' AS old FROM verification`,
    );
    expect(read?.old).toBe(true);
  });

  it('lists a mailbox that is closed to this portal where it may open chosen ones only', async () => {
    await rows(`UPDATE connector SET consent_mode = 'chosen'`);
    const [first, other] = alderByrne.people;
    await control(sandbox, 'PUT', `consents/${organizationId}`, {
      permissions: ['User.Read.All'],
      mailboxes: [first?.id],
    });
    try {
      await mapNumbers(engine, connectorId, { '+442079460000': first?.mail ?? '', '+442079460001': other?.mail ?? '' });
      await rows('UPDATE source SET users_read_at = now()');
      await request();
      await verify();
      expect((await lines()).map(({ result }) => result)).toEqual(['mailbox', 'mailbox_closed']);
    } finally {
      await grantConsent(sandbox);
    }
  });
});

describe('it can stop anywhere', () => {
  it('and is gone on with behind the last set, asking nothing twice', async () => {
    await registerStrangers(600);
    await request();
    const stop = new AbortController();
    const first = watchedGraph(once(250, () => stop.abort(new Error('asked to stop'))));
    await verify({ graph: first.graph }, stop.signal);
    expect(await verification()).toMatchObject({
      state: 'running',
      stage: 'users',
      done: 250,
      total: 600,
      owned: false,
    });
    expect(await lines()).toHaveLength(250);

    const second = watchedGraph();
    await verify({ graph: second.graph });
    expect(await verification()).toMatchObject({ state: 'done', done: 600, problem: null });
    expect(new Set((await lines()).map(({ mobile }) => mobile)).size).toBe(600);
    expect(await lines()).toHaveLength(600);
    expect([...second.asked].filter((address) => address < 'stranger1250@')).toEqual([]);
    expect(second.asked.size).toBe(350);
  });

  it('a worker that slept through its claim writes nothing beside its successor', async () => {
    await registerStrangers(300);
    await request();
    const [isAtWork, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const working = watchedGraph(async () => {
      isAtWork.resolve();
      await mayGoOn.promise;
    });
    let successor: Promise<void> | undefined;
    const sleeping = watchedGraph(
      once(250, async () => {
        await rows(`UPDATE verification SET owned_until = now() - interval '1 second'`);
        successor = verify({ graph: working.graph, owner: 'successor' });
        await isAtWork.promise;
      }),
    );
    await verify({ graph: sleeping.graph, owner: 'sleeper' });
    // The successor is in the middle of the same set, and nothing of it is written yet.
    expect(await verification()).toMatchObject({ state: 'running', done: 250, owned: true });
    expect(await lines()).toHaveLength(250);
    mayGoOn.resolve();
    await successor;
    expect(await verification()).toMatchObject({ state: 'done', done: 300 });
    expect(await lines()).toHaveLength(300);
  });

  it('a directory that does not answer is asked again later, and given up after six times', async () => {
    await registerStrangers(1);
    await request();
    const broken = { graph: () => ({ ...engine.graph, batch: () => Promise.reject(new Error('connection lost')) }) };
    await verify(broken);
    expect(await verification()).toMatchObject({ state: 'running', problem: 'internal', attempts: 1, later: true });
    // Not before its time.
    await verify();
    expect(await verification()).toMatchObject({ state: 'running', attempts: 1 });
    for (let attempt = 2; attempt <= 6; attempt++) {
      await rows(`UPDATE verification SET next_attempt_at = now() - interval '1 second'`);
      await verify(broken);
    }
    expect(await verification()).toMatchObject({ state: 'failed', problem: 'internal', owned: false });
  });

  it('nothing of it is left where the connector is deleted meanwhile', async () => {
    await registerStrangers(300);
    await request();
    const working = watchedGraph(
      once(250, async () => {
        const { database } = engine;
        const parts = { ...engine.deps, database, sourceHost: '', openSource: () => expect.unreachable() };
        await deleteConnector(parts, actor(), { connectorId, name: 'Android Archiver' });
      }),
    );
    await verify({ graph: working.graph });
    expect(await verification()).toMatchObject({ state: 'failed', owned: false });
    expect(await lines()).toEqual([]);
    await askForVerifications({ pool: engine.database.pool, enqueue: () => expect.unreachable() });
    expect(await rows('SELECT 1 FROM verification')).toHaveLength(1);
  });

  it('without consent it fails with the reason, and stops no import', async () => {
    await registerStrangers(1);
    await request();
    await control(sandbox, 'DELETE', `consents/${organizationId}`);
    await engine.deps.mayWriteMail(organizationId).catch(() => {});
    await verify();
    expect(await verification()).toMatchObject({ state: 'failed', problem: 'consent_missing' });
    expect(await rows('SELECT stopped_reason FROM connector')).toEqual([{ stopped_reason: null }]);
  });
});

describe('one at a time', () => {
  it('a second request changes nothing while one is open, and a second worker finds nothing to do', async () => {
    await registerStrangers(1);
    expect(await request()).toBe('done');
    expect(await request()).toBe('unchanged');
    const { graph, asked } = watchedGraph(() => verify({ graph: () => Promise.reject(new Error('two')) as never }));
    await verify({ graph });
    expect(asked.size).toBe(1);
    expect(await verification()).toMatchObject({ state: 'done' });
    expect(await request()).toBe('done');
    expect(await rows(`SELECT actor_name FROM audit_entry WHERE action = 'coverage.verification-requested'`)).toEqual([
      { actor_name: 'Ada' },
      { actor_name: 'Ada' },
    ]);
  });

  it('is for who may change the mapping, and for the own organization', async () => {
    const reader = actor(['DataConnectors.Reader', 'DataConnectors.ContentViewer', 'DataConnectors.Auditor']);
    await expect(requestVerification(engine.deps, reader, connectorId)).rejects.toThrow(NotAllowed);
    const stranger = actor(['DataConnectors.Admin'], '00000000-0000-4000-8000-000000000000');
    expect(await requestVerification(engine.deps, stranger, connectorId)).toBe('not_found');
    expect(await rows('SELECT 1 FROM verification')).toEqual([]);
  });

  it('comes round by itself: at first, once a day, and within the hour where another mapping is in force', async () => {
    await rows('UPDATE source SET users_read_at = now()');
    const asked: string[] = [];
    const enqueue = async (name: string): Promise<void> => void asked.push(name);
    const lookRound = () => askForVerifications({ pool: engine.database.pool, enqueue });
    const count = async () => (await rows('SELECT 1 FROM verification')).length;
    await lookRound();
    await lookRound();
    expect(asked).toEqual(['verify', 'verify']);
    expect(await count()).toBe(1);
    await verify();
    await lookRound();
    expect(asked).toHaveLength(2);

    await mapNumbers(engine, connectorId, { '+442079460000': 'victor.lindqvist@alderbyrne.example' });
    await lookRound();
    expect(await count()).toBe(1);
    await rows(`UPDATE verification SET requested_at = now() - interval '61 minutes'`);
    await lookRound();
    expect(await count()).toBe(2);
    await verify();
    await lookRound();
    expect(await count()).toBe(2);
    await rows(`UPDATE verification SET requested_at = requested_at - interval '25 hours'`);
    await lookRound();
    expect(await count()).toBe(3);
    // Lines of the last two are kept, so that a download does not break off.
    await verify();
    const kept = await rows('SELECT DISTINCT verification_id FROM coverage_line');
    expect(kept).toHaveLength(2);
  });
});
