/** The original of what is not imported, as an EML file: whole, for who may, with a reason and an entry in the audit log. */
import { createHash, randomBytes } from 'node:crypto';
import PostalMime, { type Email } from 'postal-mime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { organizationPrefix, parseStagedName } from '../staging/names.ts';
import { control } from './connector.fixture.ts';
import type { UndoneKind } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, failed, imported, rememberMailboxes, settleAll } from './ledger.fixture.ts';
import { type OriginalRequest, openOriginal } from './original.ts';
import {
  attach,
  outsider,
  partyOf,
  people,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';
import { signOff } from './sign-off.ts';
import type { RowKey } from './store/undone.ts';
import { parseRowKey, undonePage } from './undone-rows.ts';

const HOUR = 3_600_000;
const MIB = 1024 * 1024;
const anna = people[0] as Person;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

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

const viewer = () => seededActor(engine.organizationId, ['DataConnectors.ContentViewer']);
const deps = () => ({ ...engine.deps, unmappedDomain: 'mobile.invalid' });

function list(traits: Partial<Item>): void {
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - HOUR), traits));
}
async function rowOf(kind: UndoneKind): Promise<RowKey> {
  const all = { connectorId, kind, reason: null, importId: null, one: null };
  const [row] = (await undonePage(engine.database.pool, viewer(), all, null, 1)).rows;
  return parseRowKey(row?.key ?? '') ?? expect.fail(`nothing is ${kind}`);
}
async function open(kind: UndoneKind, more: Partial<OriginalRequest> = {}) {
  return openOriginal(deps(), viewer(), {
    connectorId,
    kind,
    row: await rowOf(kind),
    reason: 'A case at court',
    ...more,
  });
}
async function read(kind: UndoneKind): Promise<Email> {
  const result = await open(kind);
  if (result.kind !== 'found') expect.fail(result.kind);
  const parts: Buffer[] = [];
  for await (const part of result.eml) parts.push(part as Buffer);
  return PostalMime.parse(Buffer.concat(parts));
}
const sha256 = (bytes: Buffer | ArrayBuffer | Uint8Array | string) =>
  createHash('sha256')
    .update(typeof bytes === 'string' ? bytes : Buffer.from(bytes as Uint8Array))
    .digest('hex');
const audit = async () =>
  (await engine.database.pool.query("SELECT actor_name, action, detail FROM audit_entry WHERE actor <> 'system'")).rows;

it('of a failed copy: the message as the mailbox would have it, with its image and its files', async () => {
  const film = randomBytes(5 * MIB);
  const text = 'Grüße aus Łódź 👋\n  two spaces, <b>no markup</b>\nFrom here on.';
  list({
    id: 'item/1 ü',
    type: 'mms',
    text,
    attachments: [
      attach(source, 'dot.png', 'image/png', PNG),
      attach(source, 'Ein Film – größer.mp4', 'video/mp4', film),
    ],
  });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  const result = await open('failed');
  expect(result).toMatchObject({ kind: 'found', fileName: 'original-item_1_.eml' });
  const mail = await read('failed');
  expect(mail.from).toEqual({ address: anna.mail, name: expect.stringContaining('(+1 ') });
  expect(mail.to).toEqual([{ address: expect.stringMatching(/@mobile\.invalid$/), name: expect.any(String) }]);
  expect(mail.messageId).toMatch(/^<.+@.+>$/);
  expect(mail.date && new Date(mail.date).getTime()).toBe(
    Math.floor((source.settledThrough.getTime() - HOUR - 1000) / 1000) * 1000,
  );
  expect(mail.headers.map(({ key }) => key)).toContain('x-archive-item-id');
  expect(mail.html).toContain('&lt;b&gt;no markup&lt;/b&gt;');
  const files = new Map(mail.attachments.map(({ filename, content }) => [filename, sha256(content)]));
  expect(files.get('Ein Film – größer.mp4')).toBe(sha256(film));
  expect(files.get('dot.png')).toBe(sha256(PNG));
  expect(files.get('message.txt')).toBe(sha256(text));
  expect(mail.attachments.find(({ filename }) => filename === 'dot.png')).toMatchObject({ disposition: 'inline' });
});

it('is named by a key that means one row, and nothing else', () => {
  expect(parseRowKey('1764000000000-12')).toEqual({ archivedAt: new Date(1764000000000), id: '12' });
  for (const key of ['', '12', 'x-1', '1-x', '1-2-3', `1-${'9'.repeat(19)}`]) expect(parseRowKey(key)).toBeNull();
});

it('of what waits for a mapping', async () => {
  const text = 'On my way.\nLine two  with spaces ';
  list({
    id: 'one',
    owner: { mobile: '+12125559999', email: null, name: null },
    sender: outsider,
    recipients: [outsider],
    text,
  });
  await collect(engine, connectorId);
  const mail = await read('waiting');
  expect(mail.text?.trimEnd()).toBe(text.trimEnd());
  expect(await audit()).toEqual([
    {
      actor_name: 'Ada',
      action: 'original.opened',
      detail: { kind: 'waiting', item: 'one', import: expect.any(String), reason: 'A case at court' },
    },
  ]);
});

it('of what cannot be read: what the source sent is attached', async () => {
  const raw = {
    id: 'odd',
    archivedTime: new Date(source.settledThrough.getTime() - HOUR).toISOString(),
    text: 'ümlaut',
  };
  source.listed.push(raw);
  await collect(engine, connectorId);
  const mail = await read('unreadable');
  expect(mail.subject).toBe('Item that cannot be read: odd');
  const [file] = mail.attachments;
  expect(file?.filename).toBe('item.json');
  expect(JSON.parse(Buffer.from(file?.content as ArrayBuffer).toString('utf8'))).toEqual(raw);
});

it('of what is partially imported holds the attachment that the mailbox refused', async () => {
  const film = randomBytes(4 * MIB);
  list({ id: 'one', attachments: [attach(source, 'film.mp4', 'video/mp4', film)] });
  await control(sandbox, 'PATCH', `mailboxes/${anna.mail}`, { messageBytes: 2 * MIB });
  await collect(engine, connectorId);
  await engine.finish();
  const mail = await read('partial');
  expect(mail.attachments.map(({ content }) => sha256(content))).toEqual([sha256(film)]);
});

it('says what the message would say: what was not as announced, and what of the item was not understood', async () => {
  const film = attach(source, 'film.mp4', 'video/mp4', randomBytes(MIB));
  // One attachment twice, of which the second could not be had.
  list({ id: 'one', attachments: [film, film], ...({ conversationId: 7 } as unknown as Partial<Item>) });
  await collect(engine, connectorId);
  await engine.database.pool.query(
    `UPDATE attachment SET state = 'given_up', reason = 'attachment_gone', data_key = NULL, sha256 = NULL
     WHERE position = 1`,
  );
  await engine.database.pool.query(`UPDATE attachment SET reason = 'attachment_differs' WHERE position = 0`);
  await settleAll(engine, () => failed);
  const mail = await read('failed');
  expect(mail.text).toContain('were announced, and');
  const files = mail.attachments.map(({ filename }) => filename);
  expect(files).toContain('film.mp4');
  expect(files).toContain('original-item.json');
});

it('writes the audit entry before the first byte, and gives out nothing where it cannot', async () => {
  list({ id: 'one' });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  await open('failed');
  expect(await audit()).toHaveLength(1);
  await engine.database.pool.query('ALTER TABLE audit_entry RENAME TO away');
  await expect(open('failed')).rejects.toThrow(/audit_entry/);
});

it('breaks off where an attachment was altered, and says so where the message was', async () => {
  list({ id: 'one', attachments: [attach(source, 'film.mp4', 'video/mp4', randomBytes(4 * MIB))] });
  await collect(engine, connectorId);
  await settleAll(engine, () => failed);
  const { staging } = engine.deps;
  const overwrite = async (kind: 'pages' | 'attachments') => {
    for await (const { name, size } of staging.list(organizationPrefix(engine.organizationId))) {
      if (parseStagedName(name)?.kind !== kind) continue;
      await staging.delete(name);
      await staging.putPage(name, randomBytes(size));
    }
  };
  await overwrite('attachments');
  await expect(read('failed')).rejects.toThrow();
  await overwrite('pages');
  expect(await open('failed')).toEqual({ kind: 'damaged' });
});

it('is for ContentViewers of the organization, with a reason, and not of what is imported or signed off', async () => {
  list({ id: 'one', recipients: [partyOf(people[1] as Person)] });
  await collect(engine, connectorId);
  await settleAll(engine, ({ userId }) => (userId === anna.id ? failed : imported));
  const row = await rowOf('failed');
  const request = { connectorId, kind: 'failed', row, reason: 'A case at court' } as const;
  expect(await open('failed', { reason: ' a ' })).toEqual({ kind: 'bad_reason' });
  expect(await open('failed', { reason: 'x'.repeat(1001) })).toEqual({ kind: 'bad_reason' });
  expect(await openOriginal(deps(), viewer(), { ...request, kind: 'waiting' })).toEqual({ kind: 'not_found' });
  for (const role of ['Admin', 'Auditor', 'Reader'] as const) {
    const actor = seededActor(engine.organizationId, [`DataConnectors.${role}`]);
    await expect(openOriginal(deps(), actor, request)).rejects.toThrow(NotAllowed);
  }
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.ContentViewer']);
  expect(await openOriginal(deps(), stranger, request)).toEqual({ kind: 'not_found' });
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const selection = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  await signOff(engine.deps, auditor, { selection, reason: 'other', comment: 'Enough.', expected: 1 });
  expect(await openOriginal(deps(), viewer(), request)).toEqual({ kind: 'not_found' });
  expect((await audit()).map(({ action }) => action)).toEqual(['copies.signed-off']);
});
