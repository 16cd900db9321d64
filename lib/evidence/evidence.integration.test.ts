/** Evidence over a real import: found by whatever is known, whole, and by nobody else. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { canonicalJson } from '../imports/canonical-json.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import {
  attach,
  outsider,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
} from '../imports/scripted-source.fixture.ts';
import { parseRowKey } from '../imports/undone-rows.ts';
import type { Actor } from '../security/actor.ts';
import { NotAllowed } from '../security/actor.ts';
import type { Subject } from './address.ts';
import { itemPage, readingsOf, totalsOf } from './find.ts';
import { itemLines, type Proof, proofOf } from './proof.ts';

const HOUR = 3_600_000;
const [anna, bruno] = people as readonly [Person, Person];
const ben = personNamed('Carter');

let sandbox: TestSandbox;
let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
let auditor: Actor;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const at = (hours: number) => new Date(source.settledThrough.getTime() - hours * HOUR);
  const file = attach(source, 'plan.pdf', 'application/pdf', randomBytes(5_000));
  source.listed.push(
    sms(anna, at(3), { id: 'm/1', type: 'mms', attachments: [file] }),
    sms(anna, at(2), { id: 'm/2', recipients: [{ mobile: ben.mobile ?? '', email: null, name: null }, outsider] }),
    sms(bruno, at(1), { id: 'm/3' }),
    { id: 'm/4', type: 'sms', archivedTime: at(1).toISOString() },
  );
  connectorId = await engine.connect();
  await engine.finish();
}, 120_000);
afterAll(async () => {
  await engine.close();
  await sandbox.stop();
});

const pool = () => engine.database.pool;
async function itemsOf(subject: Subject, who = auditor): Promise<string[]> {
  const { keys } = await itemPage(pool(), who, subject, null, 50);
  return (await itemLines(pool(), who, keys)).map(({ sourceItemId }) => sourceItemId);
}
async function subjectsOf(text: string, who = auditor): Promise<Subject[]> {
  return (await readingsOf(pool(), who, text)).map(({ subject }) => subject);
}
async function proof(sourceItemId: string): Promise<Proof> {
  const { keys } = await itemPage(pool(), auditor, { kind: 'item', sourceItemId }, null, 2);
  const found = keys[0] && (await proofOf(pool(), auditor, keys[0]));
  if (!found) throw new Error(`no proof of ${sourceItemId}`);
  return found;
}

describe('a text', () => {
  it('that is an item id means that item', async () => {
    expect(await subjectsOf('m/1')).toEqual([{ kind: 'item', sourceItemId: 'm/1' }]);
    expect(await itemsOf({ kind: 'item', sourceItemId: 'm/1' })).toEqual(['m/1']);
  });

  it('that is a number in any writing means that number, where there is a copy for it', async () => {
    const number = anna.mobile ?? '';
    const [, area, exchange, line] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number) ?? [];
    for (const written of [
      number,
      `(${area}) ${exchange}-${line}`,
      `${area}.${exchange}.${line}`,
      ` ${number} `.trim(),
    ]) {
      expect(await subjectsOf(written), written).toEqual([{ kind: 'number', number }]);
    }
    expect(await itemsOf({ kind: 'number', number })).toEqual(['m/2', 'm/1']);
    expect(await subjectsOf(outsider.mobile)).toEqual([]);
  });

  it('that is a name, an address or an object id means the person, with what waits for them', async () => {
    const person = { kind: 'person', userId: anna.id };
    for (const text of [anna.surname, anna.displayName, anna.mail?.toUpperCase() ?? '', anna.id]) {
      expect(await subjectsOf(text), text).toEqual([person]);
    }
    expect(await itemsOf({ kind: 'person', userId: anna.id })).toEqual(['m/2', 'm/1']);
    expect(await subjectsOf('%')).toEqual([]);
    expect(await itemsOf({ kind: 'number', number: ben.mobile ?? '' })).toEqual(['m/2']);
  });

  it('that is a day or an import means all of it, with numbers that balance', async () => {
    const day = source.settledThrough.toISOString().slice(0, 10);
    expect(await subjectsOf(day)).toEqual([{ kind: 'day', day }]);
    expect(await itemsOf({ kind: 'day', day })).toHaveLength(4);
    const { rows } = await pool().query<{ id: string }>(
      'SELECT import_id AS id FROM item WHERE organization_id = $1 LIMIT 1',
      [engine.organizationId],
    );
    const importId = rows[0]?.id ?? '';
    const { rows: numbered } = await pool().query<{ number: number }>('SELECT number FROM import WHERE id = $1', [
      importId,
    ]);
    expect(await subjectsOf(`import ${numbered[0]?.number}`)).toEqual([{ kind: 'import', importId }]);
    expect(await itemsOf({ kind: 'import', importId })).toHaveLength(4);
    for (const subject of [{ kind: 'day', day } as const, { kind: 'import', importId } as const]) {
      expect(await totalsOf(pool(), auditor, subject)).toMatchObject({
        kind: 'counts',
        counts: { items: { listed: 4, imported: 3, unreadable: 1 } },
      });
    }
    expect(await totalsOf(pool(), auditor, { kind: 'person', userId: anna.id })).toEqual({
      kind: 'copies',
      copies: { imported: 2 },
      isMore: false,
    });
  });
});

it('pages go on where the last one ended', async () => {
  const day = source.settledThrough.toISOString().slice(0, 10);
  for (const subject of [
    { kind: 'day', day },
    { kind: 'person', userId: anna.id },
  ] as const) {
    const all = await itemPage(pool(), auditor, subject, null, 50);
    const first = await itemPage(pool(), auditor, subject, null, 1);
    const rest = await itemPage(pool(), auditor, subject, first.next, 50);
    expect([...first.keys, ...rest.keys]).toEqual(all.keys);
    expect([all.next, rest.next]).toEqual([null, null]);
  }
});

describe('the proof of an item', () => {
  it('says when it came, who collected it, what chose its mailbox, and what is there', async () => {
    const found = await proof('m/1');
    const raw = source.listed.find((one) => (one as { id: string }).id === 'm/1');
    expect(found.source.sha256).toBe(createHash('sha256').update(canonicalJson(raw)).digest('hex'));
    expect(found).toMatchObject({
      connectorId,
      import: { number: expect.any(Number), trigger: 'first' },
      attachments: [
        {
          size: 5_000,
          sha256: createHash('sha256')
            .update([...source.attachments.values()][0] ?? '')
            .digest('hex'),
        },
      ],
      copies: [
        {
          number: anna.mobile,
          rule: 'automatic',
          mapping: null,
          userId: anna.id,
          state: 'imported',
          attempts: 1,
          wasInDoubt: false,
          contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
      later: [],
    });
    expect(Date.parse(found.window.from)).toBeLessThanOrEqual(Date.parse(found.line.archivedAt));
    expect(JSON.stringify(found)).not.toContain('On my way.');
  });

  it('names the row, the version and the file that chose, also where the version rests on another', async () => {
    const [resting, large] = [randomUUID(), randomUUID()];
    await pool().query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, origin, file_name, file_sha256, created_by)
       VALUES ($1, $3, $4, 41, 'file', 'people.csv', decode(repeat('ab', 32), 'hex'), 'Ada'), ($2, $3, $4, 42, 'portal', NULL, NULL, 'Ada')`,
      [large, resting, engine.organizationId, connectorId],
    );
    await pool().query(
      `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 18, 'x@y.example')`,
      [large, engine.organizationId, bruno.mobile],
    );
    await pool().query('UPDATE mapping_version SET rest_version_id = $2, row_count = 1 WHERE id = $1', [
      resting,
      large,
    ]);
    await pool().query(
      `UPDATE delivery SET rule = 'mapping', mapping_version_id = $1, mapping_row = 18 WHERE number = $2`,
      [resting, bruno.mobile],
    );
    expect((await proof('m/3')).copies[0]).toMatchObject({
      rule: 'mapping',
      mapping: { version: 42, row: 18, file: { version: 41, name: 'people.csv', sha256: 'ab'.repeat(32) } },
    });
  });

  it('shows what nobody has a mailbox for, and what could not be read', async () => {
    const waits = (await proof('m/2')).copies.find(({ number }) => number === ben.mobile);
    expect(waits).toMatchObject({ state: 'waiting', rule: 'none', messageId: null, contentHash: null, mailbox: null });
    expect(await proof('m/4')).toMatchObject({
      line: { outcome: 'unreadable' },
      reason: 'unreadable_schema',
      copies: [],
    });
  });

  it('tells what happened later: another content at the source, a sign-off', async () => {
    const { rows } = await pool().query<{ archived_at: Date; id: string; item_id: string; import_id: string }>(
      `SELECT d.archived_at, d.id, d.item_id, d.import_id FROM delivery d JOIN item i ON i.id = d.item_id
       WHERE i.source_item_id = 'm/2' AND d.state = 'waiting'`,
    );
    const [row] = rows;
    await pool().query(
      `WITH s AS (INSERT INTO sign_off (organization_id, connector_id, kind, reason, comment, signed_count, signed_by, signed_by_name)
         VALUES ($1, $2, 'waiting', 'nobody_owed', 'He left.', 1, 'x', 'Ingrid') RETURNING id)
       UPDATE delivery SET sign_off_id = s.id FROM s WHERE archived_at = $3 AND delivery.id = $4`,
      [engine.organizationId, connectorId, row?.archived_at, row?.id],
    );
    await pool().query(
      `INSERT INTO item_change (organization_id, connector_id, import_id, archived_at, item_id, sha256, page, frame_offset, frame_length)
       VALUES ($1, $2, $3, $4, $5, decode(repeat('cd', 32), 'hex'), 0, 0, 1)`,
      [engine.organizationId, connectorId, row?.import_id, row?.archived_at, row?.item_id],
    );
    expect((await proof('m/2')).later).toEqual([
      expect.objectContaining({ kind: 'signed-off', by: 'Ingrid', comment: 'He left.' }),
      expect.objectContaining({ kind: 'changed', sha256: 'cd'.repeat(32) }),
    ]);
  });
});

it("is an auditor's alone, and of their own organization", async () => {
  const { keys } = await itemPage(pool(), auditor, { kind: 'item', sourceItemId: 'm/1' }, null, 1);
  const [key] = keys;
  if (!key) throw new Error('no item');
  const day = source.settledThrough.toISOString().slice(0, 10);
  for (const role of ['DataConnectors.Admin', 'DataConnectors.Reader', 'DataConnectors.ContentViewer'] as const) {
    const other = seededActor(engine.organizationId, [role]);
    await expect(readingsOf(pool(), other, 'm/1')).rejects.toThrow(NotAllowed);
    await expect(itemPage(pool(), other, { kind: 'day', day }, null, 1)).rejects.toThrow(NotAllowed);
    await expect(totalsOf(pool(), other, { kind: 'day', day })).rejects.toThrow(NotAllowed);
    await expect(itemLines(pool(), other, keys)).rejects.toThrow(NotAllowed);
    await expect(proofOf(pool(), other, key)).rejects.toThrow(NotAllowed);
  }
  // Who has a ledger of the same months.
  const elsewhere = await seedConnector(pool(), await seedOrganization(pool()), 'Elsewhere');
  await pool().query(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at) VALUES ($1, $2, $3, $4)`,
    [elsewhere.organizationId, elsewhere.id, new Date(`${day}T00:00:00Z`), new Date(`${day}T12:00:00Z`)],
  );
  const stranger = seededActor(elsewhere.organizationId, ['DataConnectors.Auditor']);
  for (const text of ['m/1', anna.mobile ?? '', anna.id, anna.surname, 'import 1']) {
    expect(await subjectsOf(text, stranger), text).toEqual([]);
  }
  const subjects = [
    { kind: 'item', sourceItemId: 'm/1' },
    { kind: 'number', number: anna.mobile ?? '' },
    { kind: 'person', userId: anna.id },
    { kind: 'day', day },
  ] as const;
  for (const subject of subjects) {
    expect((await itemPage(pool(), stranger, subject, null, 50)).keys, subject.kind).toEqual([]);
    expect(JSON.stringify(await totalsOf(pool(), stranger, subject)), subject.kind).not.toMatch(/[1-9]/);
  }
  expect(await itemLines(pool(), stranger, keys)).toEqual([]);
  expect(await proofOf(pool(), stranger, key)).toBeNull();
  expect(parseRowKey((await proof('m/1')).line.key)).toEqual(key);
});
