/** What the product asks of Graph and of TeleMessage, and what the sandbox answers, held against their contracts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '#lib/archive/telemessage/sign-in.ts';
import { telemessageSource } from '#lib/archive/telemessage/source.ts';
import { actorOf, answerConsent, openTestParts, type TestParts } from '#lib/connectors/set-up/parts.fixture.ts';
import {
  acceptTerms,
  checkCoverage,
  completeConsent,
  discardDraft,
  finish,
  loginToSource,
  proveConsent,
  requestConsent,
  review,
  saveMapping,
  signInToSource,
  startDraft,
} from '#lib/connectors/set-up/use-cases.ts';
import { sourceStatus } from '#lib/connectors/source-status.ts';
import { TERMS } from '#lib/connectors/terms.ts';
import { balances } from '#lib/imports/counts.ts';
import { startEngine } from '#lib/imports/engine.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { type AttachmentToAdd, completeAttachments } from '#lib/mailbox/attach.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { type ContractReport, contractsMissing } from '../scripts/test/contracts.ts';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';
import { testDatabase } from './services.ts';

const missing = contractsMissing();
if (missing) console.warn(`Skipped: ${missing}`);

const grace = actorOf(alderByrne, 'Grace');
/** of what may have been created */
const LOOK_UP = 'GET /users/{user-id}/mailFolders/{mailFolder-id}/messages';
const good = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };

/** Adds a connector as the wizard does, with a wrong password on the way, and takes another draft back. */
async function setUp(sandbox: TestSandbox): Promise<void> {
  const parts = openTestParts(await testDatabase(), sandbox);
  try {
    for (const kind of ['verizon-network', 'android-archiver']) {
      const started = await startDraft(parts, grace, { kind });
      if (started.kind !== 'draft') throw new RangeError(started.kind);
      const draftId = started.draft.id;
      await acceptTerms(parts, grace, { draftId, version: TERMS.version });
      expect(await signInToSource(parts, grace, { draftId, ...good, password: 'wrong' })).toMatchObject({
        kind: 'refused',
      });
      expect(await loginToSource(parts, grace, { draftId, ...good })).toMatchObject({ kind: 'connected' });
      await saveMapping(parts, grace, { draftId, automatic: true, defaultRegion: 'US' });
      const asked = await requestConsent(parts, grace, { draftId });
      if (asked.kind !== 'asked') throw new RangeError(asked.kind);
      await completeConsent(parts, await answerConsent(asked.url, grace.userId, 'accept'));
      expect(await proveConsent(parts, grace, { draftId })).toMatchObject({ proof: { proven: true } });
      expect(await checkCoverage(parts, grace, { draftId })).toMatchObject({ kind: 'checked' });
      await review(parts, grace, { draftId });
      if (kind === 'verizon-network') await discardDraft(parts, grace, { draftId });
      else expect(await finish(parts, grace, { draftId, firstImportFrom: null })).toMatchObject({ kind: 'finished' });
    }
    await askForStatus(sandbox, parts);
  } finally {
    await parts.close();
  }
}

/** *Connector status with source*, first while the source refuses. */
async function askForStatus(sandbox: TestSandbox, parts: TestParts): Promise<void> {
  const { id } = await parts.database.prisma.connector.findFirstOrThrow({ where: { status: 'live' } });
  const openSource = (kind: string, credentials: Credentials) =>
    telemessageSource({ baseUrl: sandbox.telemessage, kind, credentials: async () => credentials });
  const statusParts = { pool: parts.database.pool, keyRing: parts.keyRing, openSource };
  const ask = () => sourceStatus(statusParts, grace, id, AbortSignal.timeout(20_000));
  const fault = { kind: 'refuse', status: 403, code: 'USER_SUSPENDED' };
  await strike(sandbox, { service: 'telemessage', route: 'GET /v1/connectors/*', count: 1, fault });
  expect(await ask()).toEqual({ known: false, reason: 'suspended' });
  expect(await ask()).toMatchObject({ known: true });
}

/** Sets a fault rule of the sandbox. */
async function strike(sandbox: TestSandbox, rule: Readonly<Record<string, unknown>>): Promise<void> {
  const set = await fetch(`${sandbox.http}/sandbox/control/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  });
  expect(set.status).toBeLessThan(300);
}

/** An attachment of so many bytes. */
function zeros(size: number): AttachmentToAdd {
  return {
    name: `${size}.bin`,
    contentType: 'application/octet-stream',
    size,
    read: async function* (offset) {
      yield new Uint8Array(size - offset);
    },
    memory: { recall: async () => null, remember: async () => {}, noteSent: async () => {}, forget: async () => {} },
  };
}

/** A whole import, some of whose creations have to be asked about since their answer is lost. */
async function importDay(sandbox: TestSandbox): Promise<void> {
  await strike(sandbox, {
    service: 'graph',
    route: 'POST /v1.0/users/*/mailFolders/*/messages',
    count: 3,
    fault: { kind: 'reset-after' },
  });
  const engine = await startEngine(sandbox);
  try {
    const connectorId = await engine.connect();
    await engine.finish();
    expect(balances(await engine.counts(connectorId))).toBe(true);
    // Nobody but the look-up has read messages so far.
    expect((await sandbox.contracts()).checked.graph?.[LOOK_UP]).toBeGreaterThan(0);
    // What a day holds is chance; these are the two ways in which attachments come after their message.
    const [owner, message] =
      [...(await readMailboxes(engine.graph))].flatMap(([id, [first]]) => (first ? [[id, first.id]] : []))[0] ?? [];
    if (owner === undefined || message === undefined) throw new RangeError('nothing was imported');
    const files = [zeros(1_000), zeros(3_500_000)];
    const added = await completeAttachments(
      engine.graph,
      owner,
      message,
      files,
      async () => ({}),
      () => zeros(1),
    );
    expect(added).toEqual({ refused: [], noted: false });
  } finally {
    await engine.close();
  }
}

describe.skipIf(missing !== null)('adding a connector and importing a day', () => {
  let sandbox: TestSandbox;
  let report: ContractReport;
  beforeAll(async () => {
    sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '300' });
    await setUp(sandbox);
    await importDay(sandbox);
    report = await sandbox.contracts();
  }, 180_000);
  afterAll(() => sandbox?.stop());

  it('breaks no contract', () => {
    expect(report.violations).toEqual([]);
  });

  it.each([
    'GET /users',
    'GET /users in a batch',
    'GET /organization',
    'POST /$batch',
    'GET /users/{user-id}/mailFolders',
    'POST /users/{user-id}/mailFolders',
    'GET /users/{user-id}/mailFolders in a batch',
    'POST /users/{user-id}/mailFolders/{mailFolder-id}/messages in a batch',
    LOOK_UP,
    'GET /users/{user-id}/messages/{message-id}/attachments',
    'POST /users/{user-id}/messages/{message-id}/attachments',
    'POST /users/{user-id}/messages/{message-id}/attachments/createUploadSession',
  ])('was checked on Graph: %s', (operation) => {
    expect(report.checked.graph).toHaveProperty([operation]);
  });

  it.each([
    'POST /v1/sessions',
    'POST /v1/connectors',
    'GET /v1/connectors/{id}',
    'DELETE /v1/connectors/{id}',
    'GET /v1/archives/{kind}/status',
    'GET /v1/archives/{kind}/items',
    'GET /v1/archives/{kind}/manifest',
    'GET /v1/archives/{kind}/users',
    'GET /v1/attachments/{id}',
  ])('was checked on TeleMessage: %s', (operation) => {
    expect(report.checked.telemessage).toHaveProperty([operation]);
  });
});
