/**
 * Every kind of the catalogue, from the wizard to a mailbox: that a kind is data and nothing else is to be done for a new one
 * (docs/adding-a-connector-kind.md).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { telemessageSource } from '../archive/telemessage/source.ts';
import { catalogue } from '../connectors/catalogue.ts';
import { actorOf, openTestParts } from '../connectors/set-up/parts.fixture.ts';
import * as setUp from '../connectors/set-up/use-cases.ts';
import { TERMS } from '../connectors/terms.ts';
import { account, control, grantConsent } from './connector.fixture.ts';
import { balances } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';

const grace = actorOf(alderByrne, 'Grace');
const { username, password } = account;
const messageSchema = z.object({
  parentFolderId: z.string(),
  singleValueExtendedProperties: z.array(z.object({ value: z.string() })),
});

let sandbox: TestSandbox;
let engine: Engine;
const connectorIds = new Map<string, string>();

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '20' });
  await grantConsent(sandbox);
  const kinds = catalogue.map(({ slug }) => slug);
  await control(sandbox, 'PATCH', `telemessage/accounts/${encodeURIComponent(username)}`, { kinds });
  const connectionString = await testDatabase();
  const parts = openTestParts(connectionString, sandbox);
  try {
    for (const kind of kinds) {
      const started = await setUp.startDraft(parts, grace, { kind });
      if (started.kind !== 'draft') throw new RangeError(started.kind);
      const draftId = started.draft.id;
      await setUp.acceptTerms(parts, grace, { draftId, version: TERMS.version });
      await setUp.loginToSource(parts, grace, { draftId, username, password });
      await setUp.saveMapping(parts, grace, { draftId, automatic: true, defaultRegion: 'US' });
      await setUp.proveConsent(parts, grace, { draftId });
      expect(await setUp.finish(parts, grace, { draftId, firstImportFrom: null })).toMatchObject({ kind: 'finished' });
      connectorIds.set(kind, draftId);
    }
  } finally {
    await parts.close();
  }
  engine = await startEngine(sandbox, {
    connectionString,
    source: ({ kind }) =>
      telemessageSource({ baseUrl: sandbox.telemessage, kind, credentials: async () => ({ username, password }) }),
  });
  const { organizationId } = engine;
  for (const connectorId of connectorIds.values())
    await engine.deps.enqueue('plan', { organizationId, connectorId, trigger: 'first' }, { key: connectorId });
  await engine.finish();
}, 120_000);
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

describe('a connector of every kind', () => {
  it.each(catalogue)('$name is set up, balances, and fills the folder $folder', async ({ slug, folder, mail }) => {
    const connectorId = connectorIds.get(slug) ?? '';
    const counts = await engine.counts(connectorId);
    expect(counts.copies.imported).toBeGreaterThan(0);
    expect(balances(counts)).toBe(true);
    const { rows } = await engine.database.pool.query<{ user_id: string; message_id: string }>(
      `SELECT user_id, message_id FROM delivery WHERE connector_id = $1 AND state = 'imported' LIMIT 1`,
      [connectorId],
    );
    const [copy] = rows;
    const mailbox = `/users/${copy?.user_id}`;
    const property = encodeURIComponent("singleValueExtendedProperties($filter=id eq 'String 0x001A')");
    const found = await engine.graph.request({
      method: 'GET',
      url: `${mailbox}/messages/${copy?.message_id}?$select=parentFolderId&$expand=${property}`,
    });
    const message = messageSchema.parse(found.body);
    expect(message.singleValueExtendedProperties.map(({ value }) => value)).toEqual([mail.messageClass]);
    const parent = await engine.graph.request({
      method: 'GET',
      url: `${mailbox}/mailFolders/${message.parentFolderId}?$select=displayName`,
    });
    expect(parent.body).toMatchObject({ displayName: folder });
  });
});
