/** Who did what to a connector, from the audit log. On a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type AuditEvent, auditIn, SYSTEM } from '../audit/entries.ts';
import { type Database, openDatabase } from '../db.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { historyPage, historyPeople } from './history.ts';
import { type HistorySelection, historyQuery, historySelection } from './history-words.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from './rows.fixture.ts';

const ALL: HistorySelection = { person: null, kind: null, before: null };

let database: Database;
let admin: Actor;
let auditor: Actor;
let connector: SeededConnector;

beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  const organizationId = await seedOrganization(database.pool);
  admin = { ...seededActor(organizationId, ['DataConnectors.Admin']), name: 'Grace' };
  auditor = { ...seededActor(organizationId, ['DataConnectors.Auditor']), name: 'Ingrid' };
  connector = await seedConnector(database.pool, organizationId, 'Shown');
});

const note = (who: Pick<Actor, 'organizationId' | 'userId' | 'name'>, event: Omit<AuditEvent, 'connectorId'>) =>
  auditIn(database.pool, who, { connectorId: connector.id, ...event });
const page = (selection: Partial<HistorySelection> = {}, actor = admin, size = 50) =>
  historyPage(database.pool, actor, connector.id, { ...ALL, ...selection }, size);

test('newest first, page by page, each entry once', async () => {
  for (let index = 0; index < 7; index += 1) {
    await note(admin, { action: 'connector.renamed', detail: { before: String(index), after: String(index + 1) } });
  }
  const seen: unknown[] = [];
  let before: string | null = null;
  do {
    const found: Awaited<ReturnType<typeof page>> = await page({ before }, admin, 3);
    seen.push(...found.entries.map(({ detail }) => detail.after));
    before = found.next;
    // Who does something meanwhile does not move the pages that were not read yet.
    await note(admin, { action: 'connector.paused' });
  } while (before !== null);
  expect(seen).toEqual(['7', '6', '5', '4', '3', '2', '1']);
});

test('by person, by kind of act, and both', async () => {
  const system = { ...SYSTEM, organizationId: admin.organizationId };
  await note(admin, { action: 'connector.paused' });
  await note(auditor, { action: 'alert.closed', detail: { code: 'does_not_balance', comment: 'Counted by hand' } });
  await note(system, { action: 'connector.consent-proven' });
  await note({ ...admin, name: 'Grace Adeyemi' }, { action: 'mapping.discarded', detail: { version: 3 } });
  expect((await page()).entries.map(({ person, action }) => [person, action])).toEqual([
    ['Grace Adeyemi', 'mapping.discarded'],
    [null, 'connector.consent-proven'],
    ['Ingrid', 'alert.closed'],
    ['Grace', 'connector.paused'],
  ]);
  expect((await page({ person: admin.userId })).entries).toHaveLength(2);
  expect((await page({ kind: 'not-imported' })).entries.map(({ action }) => action)).toEqual(['alert.closed']);
  expect((await page({ kind: 'mapping', person: auditor.userId })).entries).toEqual([]);
  const people = await historyPeople(database.pool, admin, connector.id);
  expect(people).toEqual([
    { id: 'system', name: null },
    { id: admin.userId, name: 'Grace Adeyemi' },
    { id: auditor.userId, name: 'Ingrid' },
  ]);
});

test('numbers are masked for who may not see them, wherever they stand', async () => {
  const detail = {
    number: '+12125550118',
    before: ['ben@x.example'],
    mailbox: 'ben.carter@x.example',
    reason: 'He called from +1 212 555 0118 and (212) 555-0118 on 2026-11-21',
  };
  await note(admin, { action: 'mapping.number-mapped', detail });
  await note(admin, { action: 'import.cancelled', detail: { number: 12345678 } });
  const [cancelled, mapped] = (await page({}, auditor)).entries;
  expect(cancelled?.detail.number).toBe(12345678);
  expect(mapped?.detail).toEqual({
    ...detail,
    number: '+1••••••0118',
    reason: 'He called from +1••••••0118 and 21••••0118 on 2026-11-21',
  });
  expect((await page()).entries[1]?.detail).toEqual(detail);
});

test('what is not known to be harmless is not shown', async () => {
  const detail = { before: 'a', after: 'b', password: 'p', token: 't', counts: { moved: 3 }, after2: 'x' };
  await note(admin, { action: 'connector.credentials-updated', detail });
  expect((await page()).entries[0]?.detail).toEqual({ before: 'a', after: 'b' });
});

test('is nobody else’s, and not a reader’s', async () => {
  await note(admin, { action: 'connector.paused' });
  const stranger = seededActor(await seedOrganization(database.pool), ['DataConnectors.Admin']);
  expect(await page({}, stranger)).toEqual({ entries: [], next: null });
  expect(await historyPeople(database.pool, stranger, connector.id)).toEqual([]);
  for (const role of ['DataConnectors.Reader', 'DataConnectors.ContentViewer'] as const) {
    const reader = seededActor(admin.organizationId, [role]);
    await expect(page({}, reader)).rejects.toThrow(NotAllowed);
    await expect(historyPeople(database.pool, reader, connector.id)).rejects.toThrow(NotAllowed);
  }
});

test('an address says which part is shown, and what makes no sense is left out', () => {
  const selection = { person: randomUUID(), kind: 'settings', before: '42' } as const;
  expect(historySelection(new URLSearchParams(historyQuery(selection)))).toEqual(selection);
  const nonsense = new URLSearchParams({ person: `x' OR 1`, kind: 'all', before: '-1' });
  expect(historySelection(nonsense)).toEqual(ALL);
  expect(historyQuery(ALL)).toBe('');
});
