/**
 * For tests of bad input: an engine over a scripted source, honest neighbours before and after what is bad, and what became
 * of an item, in the ledger and in the mailbox.
 */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Person } from '#sandbox/world/people.ts';
import type { TestSandbox } from '#testing/sandbox.ts';
import type { ArchiveSource } from '../archive/source.ts';
import { control } from './connector.fixture.ts';
import { copiesUnaccounted, itemsUnaccounted } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount } from './ledger.fixture.ts';
import { archiveFolder } from './mailboxes.fixture.ts';
import { isReasonCode } from './reasons.ts';
import { people, type ScriptedSource, sms } from './scripted-source.fixture.ts';

export const HOUR = 3_600_000;
/** What the sources of these tests have settled. Mail has whole seconds. */
export const SETTLED = new Date(Math.floor(Date.now() / 1000) * 1000);
export const ago = (ms: number): Date => new Date(SETTLED.getTime() - ms);
export const [anna, bruno] = [people[0], people[1]] as readonly [Person, Person];

export interface File {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly sentAt: string;
  readonly recipients: number;
  readonly files: readonly File[];
}

export interface Scene {
  readonly engine: Engine;
  readonly connectorId: string;
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** goes on as if what waits had become due */
  dueNow(): Promise<void>;
  /** what the ledger says of an item: its outcome and reason, and those of its copies */
  ledger(itemId: string): Promise<{ outcome: string; reason: string | null; copies: string[] }>;
  /** every message of an item in somebody's mailbox, with its files */
  messages(person: Person, itemId: string): Promise<Message[]>;
  close(): Promise<void>;
}

/** The neighbours: one archived before and one after whatever else a test lists. */
export const neighbours = [
  sms(anna, ago(100 * 60_000), { id: 'neighbour-before' }),
  sms(bruno, ago(20 * 60_000), { id: 'neighbour-after' }),
] as const;

/** Lets both neighbours stand around what a test lists. */
export function amongNeighbours(...items: readonly unknown[]): unknown[] {
  return [neighbours[0], ...items, neighbours[1]];
}

/** Lets the source's last window list something more, whatever its archived time is. */
export function listBesides(source: ScriptedSource, items: readonly unknown[]): void {
  const { items: list, manifest } = source;
  source.items = async (range, cursor, limit) => {
    const page = await list.call(source, range, cursor, limit);
    return range.to.getTime() === SETTLED.getTime() ? { ...page, items: [...items, ...page.items] } : page;
  };
  source.manifest = async (range) => {
    const { count, ...rest } = await manifest.call(source, range);
    return { ...rest, count: range.to.getTime() === SETTLED.getTime() ? count + items.length : count };
  };
}

/** An engine whose connector imports the last two hours. */
export async function startScene(sandbox: TestSandbox, source: () => ArchiveSource): Promise<Scene> {
  await control(sandbox, 'POST', 'reset');
  const engine = await startEngine(sandbox, { source });
  const { pool } = engine.database;
  const connectorId = await engine.connect({ firstImportFrom: ago(2 * HOUR) });
  const rows = async <T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await pool.query<T>(sql, [...values])).rows;
  return {
    engine,
    connectorId,
    rows,
    async dueNow() {
      await rows('UPDATE delivery SET not_before = now()');
      await rows(`UPDATE attachment SET ask_again_at = now() WHERE state = 'missing'`);
      await rows('UPDATE import SET next_attempt_at = now()');
    },
    async ledger(itemId) {
      const [item] = await rows<{ outcome: string; reason: string | null }>(
        'SELECT outcome, reason FROM item WHERE source_item_id = $1',
        [itemId],
      );
      const copies = await rows<{ state: string; reason: string | null }>(
        `SELECT d.state, d.reason FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
         WHERE i.source_item_id = $1 ORDER BY d.id`,
        [itemId],
      );
      return {
        outcome: item?.outcome ?? 'not there',
        reason: item?.reason ?? null,
        copies: copies.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`)),
      };
    },
    messages: (person, itemId) => messagesIn(engine, person, itemId),
    close: () => engine.close(),
  };
}

/** The neighbours are imported once, the numbers are those of the rows, and both equations hold. */
export async function expectTheRestToBeImported(scene: Scene): Promise<void> {
  for (const [person, { id }] of [
    [anna, neighbours[0]],
    [bruno, neighbours[1]],
  ] as const) {
    expect(await scene.ledger(id)).toEqual({ outcome: 'imported', reason: null, copies: ['imported'] });
    expect(await scene.messages(person, id)).toHaveLength(1);
  }
  const counts = await scene.engine.counts(scene.connectorId);
  expect(counts).toEqual(await recount(scene.engine.database.pool));
  expect([itemsUnaccounted(counts), copiesUnaccounted(counts)]).toEqual([0, 0]);
  const codes = await scene.rows<{ code: string }>(CODES);
  expect(codes.filter(({ code }) => !isReasonCode(code))).toEqual([]);
}

/** Every reason that the ledger holds. */
const CODES = `SELECT reason AS code FROM item WHERE reason IS NOT NULL
  UNION SELECT reason FROM delivery WHERE reason IS NOT NULL UNION SELECT reason FROM attachment WHERE reason IS NOT NULL
  UNION SELECT reason FROM item_change UNION SELECT problem FROM import WHERE problem IS NOT NULL
  UNION SELECT code FROM alert UNION SELECT stopped_reason FROM connector WHERE stopped_reason IS NOT NULL`;

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const messagesSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      sentDateTime: z.string(),
      body: z.object({ content: z.string() }),
      toRecipients: z.array(z.unknown()),
      internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});
const filesSchema = z.object({
  value: z.array(z.object({ name: z.string(), contentType: z.string(), contentBytes: z.string() })),
});

async function messagesIn({ graph }: Engine, person: Person, itemId: string): Promise<Message[]> {
  const folder = await archiveFolder(graph, person.id);
  if (folder === null) return [];
  const url =
    `/users/${person.id}/mailFolders/${folder}/messages?$top=100` +
    '&$select=id,subject,sentDateTime,body,toRecipients,internetMessageHeaders';
  const { value } = messagesSchema.parse((await graph.request({ method: 'GET', url })).body);
  const of = value.filter(
    ({ internetMessageHeaders: headers }) =>
      decodeURIComponent(headers.find(({ name }) => name === 'x-archive-item-id')?.value ?? '') === itemId,
  );
  return Promise.all(
    of.map(async ({ id, subject, sentDateTime, body, toRecipients }) => ({
      subject,
      text: body.content,
      sentAt: sentDateTime,
      recipients: toRecipients.length,
      files: await filesOf(`/users/${person.id}/messages/${id}/attachments`, graph),
    })),
  );
}

async function filesOf(url: string, graph: Engine['graph']): Promise<File[]> {
  const files: File[] = [];
  for (;;) {
    const page = await graph.request({ method: 'GET', url: `${url}?$top=100&$skip=${files.length}` });
    const { value } = filesSchema.parse(page.body);
    for (const { name, contentType, contentBytes } of value)
      files.push({ name, contentType, bytes: Buffer.from(contentBytes, 'base64') });
    if (value.length < 100) return files;
  }
}
