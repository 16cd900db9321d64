/** The API as a program meets it. Every answer is held to the OpenAPI document. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readAtMost } from '#app/api/read-at-most.ts';
import { OpenApiDocument } from '#sandbox/contracts/document.ts';
import { testRedisUrl } from '#testing/services.ts';
import * as versions from '../connectors/mapping/use-cases.ts';
import {
  file,
  mappingWorld,
  numberOf,
  register,
  type World,
  worldForEach,
} from '../connectors/mapping/world.fixture.ts';
import { createLimits, LIMITS } from '../limits/limits.ts';
import { FileTurns } from '../mapping/file-turns.ts';
import { MAX_FILE_BYTES } from '../mapping/limits.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import { hastyConnection } from '../queue/connection.ts';
import { problemType } from './answers.ts';
import type { VersionUseCases } from './bring-file.ts';
import { heldToDocument } from './held-to-document.fixture.ts';
import { mappingApiDocument } from './openapi.ts';
import { APP, type Call, callerOf, PRINCIPAL, people, putFile } from './put-file.fixture.ts';
import type { MappingApiParts } from './put-mapping.ts';

const [A, B, C] = [1, 2, 3].map(numberOf) as [string, string, string];

const document = mappingApiDocument('https://portal.example/');
const checker = heldToDocument(document);

let first: World;
let world: World;
worldForEach((fresh, shared) => {
  world = fresh;
  first = shared;
});

const put = (body: BodyInit, call?: Call) => putFile(world, checker, body, call);
const caller = (change: Partial<AppCaller>) => callerOf(world, change);
const digestOf = (text: string, algorithm: 'sha256' | 'sha512' = 'sha256') => ({
  'content-digest': `${algorithm.replace('sha', 'sha-')}=:${createHash(algorithm).update(text).digest('base64')}:`,
});
const inChunks = (text: string) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });

const problem = (code: Parameters<typeof problemType>[0]) => ({ type: problemType(code) });
const inForceRows = async () => world.rowsOf((await world.inForce()) ?? '');
const versionCount = async () => {
  const { rows } = await world.database.pool.query(
    'SELECT status FROM mapping_version WHERE connector_id = $1 ORDER BY number',
    [world.connector.id],
  );
  return rows.map(({ status }) => status);
};

describe('a file within the guards', () => {
  it('is in force at once, by the name of the program', async () => {
    const text = file(...people(3));
    const { status, body } = await put(text, { query: '?name=people.csv&reason=The%20nightly%20run' });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'applied',
      version: 1,
      sha256: createHash('sha256').update(text).digest('hex'),
      changes: { added: 3, changed: 0, removed: 0, unchanged: 0, waitingReleased: 0 },
      waitsFor: null,
    });
    expect(await inForceRows()).toEqual(['01 user1 file 2', '02 user2 file 3', '03 user3 file 4']);
    const { rows } = await world.database.pool.query(
      `SELECT actor, actor_name, action FROM audit_entry WHERE organization_id = $1 AND actor <> 'system' ORDER BY id`,
      [world.organizationId],
    );
    expect(rows.map(({ action }) => action)).toEqual(['mapping.proposed', 'mapping.applied']);
    for (const row of rows) expect(row).toMatchObject({ actor: PRINCIPAL, actor_name: `App ${APP}` });
    expect(world.enqueued).toContain(`release ${world.connector.id}`);
    const list = await versions.listVersions(world.parts, world.grace, {
      connectorId: world.connector.id,
      before: null,
      limit: 1,
    });
    expect(list?.inForce).toMatchObject({ origin: 'api', fileName: 'people.csv', reason: 'The nightly run' });
  });

  it('sent again changes nothing, whether it is in force or was made so by the portal meanwhile', async () => {
    await put(file(...people(3)));
    expect(await put(file(...people(3)))).toMatchObject({
      status: 200,
      body: { status: 'unchanged', version: 1, changes: null },
    });
    expect(await versionCount()).toEqual(['in_force']);
    // Another file with the same rows, and one that says the same in other rows.
    const same = { status: 200, body: { status: 'unchanged', version: 1, changes: { unchanged: 3, changed: 0 } } };
    expect(await put(file(...people(3).toReversed()))).toMatchObject(same);
    expect(await put(file(people(3)[2] ?? ''), { query: '?mode=add' })).toMatchObject(same);
    expect(await versionCount()).toEqual(['in_force']);
    const [one = '', ...others] = people(3);
    const cut = await put(file(`${one},,2025-12-31`, `${one},2026-01-01`, ...others));
    expect(cut).toMatchObject({ status: 200, body: { status: 'unchanged', version: 1, changes: { unchanged: 4 } } });
    expect(await versionCount()).toEqual(['in_force', 'discarded']);
  });

  it('with as many rows that say something else comes into force', async () => {
    const [first = '', ...others] = people(20);
    const other = `${numberOf(40)},user1@company.example`;
    await put(file(first, ...others));
    const changed = [`${A},ann@company.example`, `${first},2020-01-01`, `${first},,2029-12-31`, other];
    for (const row of changed.flatMap((one) => [one, first])) {
      expect([row, await put(file(row, ...others))]).toMatchObject([row, { body: { status: 'applied' } }]);
      expect(await inForceRows()).toHaveLength(20);
    }
  });

  it('that is in force takes the place of one that waits', async () => {
    const [whole, half] = [file(...people(30)), file(...people(15))];
    for (const back of [whole, file(...people(30).toReversed())]) {
      await put(whole);
      expect(await put(half)).toMatchObject({ status: 202 });
      expect(await put(back)).toMatchObject({ status: 200, body: { status: 'unchanged', version: 1 } });
      expect(await versionCount()).not.toContain('proposed');
    }
  });

  it('that was in force before comes into force again', async () => {
    await put(file(...people(30)));
    await put(file(...people(29)));
    const again = await put(file(...people(30)));
    expect(again).toMatchObject({ status: 200, body: { status: 'applied', version: 3, changes: { added: 1 } } });
  });

  it('adds to what is there where it says so', async () => {
    await put(file(`${A},ann@company.example`));
    const added = await put(file(`${B},ben@company.example`), { query: '?mode=add' });
    expect(added).toMatchObject({ body: { status: 'applied', changes: { added: 1, removed: 0, unchanged: 1 } } });
    expect(await put(file(`${B},ben@company.example`), { query: '?mode=add' })).toMatchObject({
      body: { status: 'unchanged', version: 2 },
    });
    // In place of everything it is another wish.
    expect(await put(file(`${B},ben@company.example`))).toMatchObject({
      status: 202,
      body: { waitsFor: 'confirmation' },
    });
  });

  it('of two that are sent at once both are in force in turn, or one is told to come again', async () => {
    const answers = await Promise.all([put(file(`${A},ann@company.example`)), put(file(`${A},ann@company.example`))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await versionCount()).filter((status) => status === 'in_force')).toHaveLength(1);
    expect(await versionCount()).not.toContain('proposed');
  });
});

describe('a file that a guard stops', () => {
  it('waits for a person, once, and a later file takes its place', async () => {
    await put(file(...people(30)));
    const half = file(...people(15));
    const waiting = await put(half);
    expect(waiting).toMatchObject({
      status: 202,
      body: { status: 'waiting', version: 2, waitsFor: 'confirmation', changes: { removed: 15 } },
    });
    expect(await put(half)).toMatchObject({ status: 202, body: { version: 2 } });
    expect(await versionCount()).toEqual(['in_force', 'proposed']);
    expect(await put(file(...people(10)))).toMatchObject({ status: 202, body: { version: 3 } });
    expect(await versionCount()).toEqual(['in_force', 'discarded', 'proposed']);
    expect(await inForceRows()).toHaveLength(30);
  });

  it('does not touch what an administrator has proposed', async () => {
    await put(file(...people(30)));
    await world.propose(file(...people(2)));
    await put(file(...people(15)));
    expect(await versionCount()).toEqual(['in_force', 'proposed', 'proposed']);
  });

  it('is proposed anew where another version came into force while it waited', async () => {
    await put(file(...people(30)));
    const half = file(...people(15));
    await put(half);
    await world.putInForce(file(...people(29)));
    expect(await put(half)).toMatchObject({ status: 202, body: { version: 4, changes: { removed: 14 } } });
    expect(await versionCount()).toEqual(['superseded', 'discarded', 'in_force', 'proposed']);
  });

  it('with rows that look shifted, or where another administrator must approve it', async () => {
    const mailboxes = people(20).map((row) => row.split(',')[1] ?? '');
    await register(world, Object.fromEntries(mailboxes.map((mailbox, index) => [numberOf(index + 1), mailbox])));
    const shifted = mailboxes.map((_, index) => `${numberOf(index + 1)},${mailboxes[(index + 1) % 20]}`);
    expect(await put(file(...shifted))).toMatchObject({ status: 202, body: { waitsFor: 'rows_look_shifted' } });
    await world.database.pool.query('UPDATE organization SET mapping_approval = true WHERE id = $1', [
      world.organizationId,
    ]);
    await put(file(...people(20)));
    const less = file(...people(10));
    expect(await put(less)).toMatchObject({ status: 202, body: { waitsFor: 'approval' } });
    expect(await put(less)).toMatchObject({ status: 202, body: { waitsFor: 'approval' } });
    expect(await inForceRows()).toHaveLength(20);
  });
});

describe('what is refused, with nothing changed', () => {
  it('rows with errors, named one by one', async () => {
    const rows = [`${A},ann@company.example`, '4.45204E+11,ben@company.example', `${C},nobody`];
    const { status, body } = await put(`${file(...rows)}"${B}"x",ben@company.example,,\n`);
    expect(status).toBe(422);
    expect(body).toEqual({
      ...problem('rows-with-errors'),
      title: 'Rows of the file have errors. Nothing was changed.',
      status: 422,
      rowCount: 1,
      erroneousRowCount: 3,
      errors: [
        expect.objectContaining({ row: 3, column: 'number', value: '4.45204E+11', code: 'number_scientific_notation' }),
        expect.objectContaining({ row: 4, column: 'mailbox', reason: '“nobody” is not an e-mail address.' }),
        expect.objectContaining({ row: 5, column: null, code: 'quotes' }),
        expect.objectContaining({ row: 5, column: 'number', code: 'number_not_a_number' }),
      ],
    });
    expect(await versionCount()).toEqual([]);
  });

  it.each<[string, BodyInit, string]>([
    ['nothing', '', 'The file is empty.'],
    ['no mailbox column', 'Phone,Name\n1,2\n', 'Found: Phone, Name.'],
    ['an image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]), 'image'],
  ])('a file that is no mapping: %s', async (_name, text, words) => {
    const { body } = await put(text);
    expect(body).toMatchObject({ ...problem('file-refused'), detail: expect.stringContaining(words) });
    expect(await versionCount()).toEqual([]);
  });

  it('a larger file than may be, whether it says so or not', async () => {
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    expect(await put(endless, { headers: digestOf('') })).toMatchObject({
      status: 413,
      body: problem('file-too-large'),
    });
    expect(sent).toBeLessThan(70);
    const announced = { 'content-length': String(MAX_FILE_BYTES + 1) };
    expect(await put('x', { headers: announced })).toMatchObject({ status: 413 });
  });

  it('half a file', async () => {
    const text = file(...people(3));
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      pull: (controller) => controller.error(new Error('connection lost')),
    });
    expect(await put(broken, { headers: digestOf(text) })).toMatchObject({
      status: 400,
      body: problem('upload-broke-off'),
    });
    expect(await put(text, { headers: { 'content-length': String(text.length + 1) } })).toMatchObject({ status: 400 });
    expect(await versionCount()).toEqual([]);
  });

  it('a body in chunks that says neither how long it is nor its digest: a proxy may have cut it', async () => {
    const [whole, half] = [file(...people(4)), file(...people(2))];
    for (const digest of ['', 'md5=:AAAA:', 'sha-256=abc']) {
      const headers = { 'content-digest': digest };
      expect(await put(inChunks(whole), { headers })).toMatchObject({ status: 411, body: problem('length-required') });
    }
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const headers = digestOf(whole, algorithm);
      expect(await put(inChunks(half), { headers })).toMatchObject({ status: 400, body: problem('upload-broke-off') });
      // Whoever shortened it made its length fit.
      expect(await put(half, { headers })).toMatchObject({ status: 400, body: problem('upload-broke-off') });
    }
    const both = {
      'content-digest': `${digestOf(whole)['content-digest']}, ${digestOf(half, 'sha512')['content-digest']}`,
    };
    expect(await put(inChunks(whole), { headers: both })).toMatchObject({ status: 400 });
    expect(await versionCount()).toEqual([]);
    expect(await put(inChunks(whole), { headers: digestOf(whole) })).toMatchObject({ body: { status: 'applied' } });
  });

  it('rows of the portal that nobody spoke of', async () => {
    await world.putInForce(file(`${A},ann@company.example`));
    const mapped = {
      connectorId: world.connector.id,
      number: B,
      mailbox: 'ben@company.example',
      reason: 'a new phone',
    };
    expect(await versions.mapNumber(world.parts, world.grace, mapped)).toMatchObject({ kind: 'applied' });
    const text = file(`${A},ann@company.example`, `${C},cleo@company.example`);
    expect(await put(text)).toMatchObject({ status: 409, body: { ...problem('portal-rows'), portalRowCount: 1 } });
    expect(await put(text, { query: '?portalRows=keep' })).toMatchObject({
      body: { status: 'applied', changes: { added: 1, unchanged: 2 } },
    });
    expect(await put(text, { query: '?portalRows=keep' })).toMatchObject({ body: { status: 'unchanged' } });
    expect(await put(text, { query: '?portalRows=remove' })).toMatchObject({
      status: 202,
      body: { changes: { removed: 1 } },
    });
  });

  it.each(['?mode=x', '?portalRows=x', '?name=', '?reason=x', '?name=a%00b', '?reason=why%00not', '?leaveOut=1'])(
    'a query with %s',
    async (query) => {
      expect(await put(file(...people(1)), { query })).toMatchObject({ status: 400, body: problem('bad-request') });
    },
  );

  it.each<Record<string, string>>([{ 'content-type': 'application/json' }, { 'content-encoding': 'gzip' }])(
    'what is no CSV: %o',
    async (headers) => {
      expect(await put(file(...people(1)), { headers })).toMatchObject({ status: 415, body: problem('not-csv') });
    },
  );

  it('where others change the mapping all the time', async () => {
    const applyVersion: VersionUseCases['applyVersion'] = async () => ({
      kind: 'changed_meanwhile',
      by: 'Henry',
      number: 7,
    });
    const answered = await put(file(...people(1)), { versions: { applyVersion } });
    expect(answered).toMatchObject({ status: 409, body: problem('changed-meanwhile') });
    expect(await versionCount()).toEqual(['discarded', 'discarded', 'discarded']);
  });
});

describe('who may', () => {
  it.each<[CallerRefusal, number, string | null]>([
    ['no_token', 401, 'Bearer'],
    ['invalid_token', 401, 'Bearer error="invalid_token"'],
    ['not_an_application', 403, null],
    ['unreachable', 503, null],
  ])('%s is answered with %i', async (refusal, status, challenge) => {
    const answered = await put(file(...people(1)), { caller: refusal });
    expect(answered.status).toBe(status);
    expect(answered.headers.get('www-authenticate')).toBe(challenge);
    expect(await versionCount()).toEqual([]);
  });

  it.each([[[]], [['DataConnectors.Admin']], [['mapping.propose']]])('not with the roles %o', async (roles) => {
    expect(await put(file(...people(1)), { caller: caller({ roles }) })).toMatchObject({
      status: 403,
      body: problem('role-missing'),
    });
    expect(await versionCount()).toEqual([]);
  });

  it('finds no connector of another organization, nor one that is none', async () => {
    const stranger = await mappingWorld(first.database);
    for (const connectorId of [stranger.connector.id, 'x', '00000000-0000-4000-8000-000000000000'])
      expect(await put(file(...people(1)), { connectorId })).toMatchObject({ status: 404, body: problem('not-found') });
    expect(await stranger.inForce()).toBeNull();
  });

  it('not more often than is stated, each program for itself, and one file at a time', async () => {
    const redis = hastyConnection(await testRedisUrl());
    const limits = createLimits(redis, 'test', pino({ level: 'silent' }));
    for (let call = 1; call <= LIMITS['mapping-api'].limit; call++) await put('', { parts: { limits } });
    const tooMany = await put(file(...people(1)), { parts: { limits } });
    expect(tooMany).toMatchObject({ status: 429, body: problem('too-many-requests') });
    const wait = Number(tooMany.headers.get('retry-after'));
    expect([wait > 0, wait <= 600]).toEqual([true, true]);
    const other = caller({ appId: PRINCIPAL });
    expect((await put(file(...people(1)), { parts: { limits }, caller: other })).status).toBe(200);
    redis.disconnect();
    const busy = new Set<string>();
    const read: MappingApiParts['read'] = async (request, limit) => {
      expect((await put(file(...people(1)), { parts: { busy } })).status).toBe(429);
      return readAtMost(request, limit);
    };
    expect((await put(file(...people(1)), { parts: { busy, read } })).status).toBe(200);
    expect(busy.size).toBe(0);
  });

  it('in turn with all files that the portal reads, and is told to come again where there are too many', async () => {
    const turns = new FileTurns({ atOnce: 1, mostWaiting: 0, longestMs: 60_000 });
    const read: MappingApiParts['read'] = async (request, limit) => {
      const other = await put(file(...people(1)), { parts: { turns }, caller: caller({ appId: PRINCIPAL }) });
      expect(other).toMatchObject({ status: 429, body: problem('too-many-requests') });
      expect(other.headers.get('retry-after')).toBe('60');
      return readAtMost(request, limit);
    };
    expect((await put(file(...people(1)), { parts: { turns, read } })).status).toBe(200);
    expect((await put(file(...people(1)), { parts: { turns } })).status).toBe(200);
  });
});

describe('a portal that cannot', () => {
  it('says so, and gives a reference instead of what happened', async () => {
    const failing = (error: Error): Partial<VersionUseCases> => ({ listVersions: () => Promise.reject(error) });
    const ours = await put(file(...people(1)), { versions: failing(new TypeError('secret detail')) });
    expect(ours).toMatchObject({ status: 500, body: problem('internal') });
    expect(JSON.stringify(ours.body)).not.toContain('secret');
    const away = new pg.DatabaseError('shutdown', 0, 'error');
    away.code = '57P01';
    expect(await put(file(...people(1)), { versions: failing(away) })).toMatchObject({
      status: 503,
      body: problem('unavailable'),
    });
  });
});

describe('the document', () => {
  it('is whole: every reference leads somewhere, every parameter is one that the handler takes', () => {
    const [operation, ...others] = new OpenApiDocument(document).operations;
    expect(others.map(({ name }) => name)).toEqual(['GET /api/v1/audit-log']);
    expect(operation?.name).toBe('PUT /api/v1/connectors/{connectorId}/mapping');
    expect(operation?.parameters.map(({ value }) => value.name)).toEqual([
      'connectorId',
      'mode',
      'portalRows',
      'name',
      'reason',
      'Content-Digest',
    ]);
    expect(document.servers).toEqual([{ url: 'https://portal.example' }]);
    expect(JSON.stringify(document)).not.toContain('$defs');
    expect(document.openapi).toBe('3.1.0');
  });

  // Last: what the tests above were answered.
  it('has no answer that was not met', () => {
    expect([...checker.met].sort()).toEqual([...checker.documented].sort());
  });
});
