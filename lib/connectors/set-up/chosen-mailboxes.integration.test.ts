/** *Only chosen mailboxes*: what proves it, what does not, and what a check leaves behind. Against the sandbox. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { TERMS } from '../terms.ts';
import { actorOf, openTestParts, type TestParts } from './parts.fixture.ts';
import {
  acceptTerms,
  checkCoverage,
  chooseMailboxes,
  type Draft,
  findDraft,
  loginToSource,
  proveConsent,
  startDraft,
} from './use-cases.ts';

const grace = actorOf(alderByrne, 'Grace');
const kind = 'android-archiver';
const [INSIDE, OUTSIDE] = ['ingrid.solberg@alderbyrne.example', 'olivia.chen@alderbyrne.example'];
const ALL_PASSED = ['consent passed', 'directory passed', 'mailbox passed', 'outside passed'];

let sandbox: TestSandbox;
let parts: TestParts;
let draftId: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  const fresh = openTestParts(await testDatabase(), sandbox);
  parts = fresh;
  const started = await startDraft(parts, grace, { kind });
  if (started.kind !== 'draft') throw new RangeError(started.kind);
  draftId = started.draft.id;
  await acceptTerms(parts, grace, { draftId, version: TERMS.version });
  const account = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
  expect(await loginToSource(parts, grace, { draftId, ...account })).toMatchObject({ kind: 'connected' });
  return () => fresh.close();
});

/** What the tenant has granted: the directory, and by Exchange the mailboxes given. */
async function grant(mailboxes: readonly string[], more: readonly string[] = []): Promise<void> {
  const answer = await fetch(`${sandbox.http}/sandbox/control/consents/${alderByrne.id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ permissions: ['User.Read.All', ...more], mailboxes }),
  });
  expect(answer.ok).toBe(true);
}

const choose = (inside: string, outside: string) =>
  chooseMailboxes(parts, grace, { draftId, mode: 'chosen', inside, outside });

async function checks(write = true): Promise<readonly string[]> {
  const result = await proveConsent(parts, grace, { draftId, write });
  if (result.kind !== 'checked') throw new RangeError(result.kind);
  return result.proof.checks.map(({ check, result: found, problem }) => [check, found, problem ?? ''].join(' ').trim());
}

const consent = async (): Promise<Draft['consent'] | undefined> => (await findDraft(parts, grace, { kind }))?.consent;

/** Folders and messages of the mailbox inside, the recoverable ones left out. */
async function contents(): Promise<unknown> {
  const graph = parts.graphOf(alderByrne.id);
  const ask = async (what: string) =>
    (await graph.request({ method: 'GET', url: `/users/${INSIDE}/${what}?$top=50&$select=id` }, {})).body;
  return [await ask('mailFolders'), await ask('messages')];
}

it('is proven by one message inside the scope, and by a refusal outside', async () => {
  await grant([INSIDE]);
  expect(await choose(` ${INSIDE.toUpperCase()}`, OUTSIDE)).toEqual({ kind: 'chosen' });
  const before = await contents();
  // A page that only looks writes to nobody.
  expect((await checks(false)).slice(1)).toEqual(['directory passed', 'mailbox not_run', 'outside not_run']);
  expect(await consent()).toMatchObject({ mode: 'chosen', inside: INSIDE, outside: OUTSIDE, provenAt: null });
  expect(await checks()).toEqual(ALL_PASSED);
  expect(await contents()).toEqual(before);
  expect((await consent())?.provenAt).not.toBeNull();
  expect(await checks(false)).toEqual(ALL_PASSED);
  const entries = await parts.database.prisma.auditEntry.findMany({
    where: { targetId: draftId, action: 'connector.consent-proven' },
  });
  expect(entries.map(({ detail }) => detail)).toEqual([{ mailboxes: 'chosen', inside: INSIDE, outside: OUTSIDE }]);
});

it('writes the message for certain: a mailbox that opens and takes none proves nothing', async () => {
  const full = 'victor.lindqvist@alderbyrne.example';
  await grant([full]);
  await choose(full, OUTSIDE);
  expect((await checks()).slice(2)).toEqual(['mailbox failed not_written', 'outside not_run']);
});

it.each([
  ['opens', [INSIDE, OUTSIDE], OUTSIDE, 'not_refused'],
  ['is the one inside', [INSIDE], INSIDE, 'same_mailbox'],
  ['is nobody’s', [INSIDE], 'nobody@alderbyrne.example', 'address_unknown'],
  ['is not named', [INSIDE], '', 'address_needed'],
])('is not proven where the mailbox outside %s', async (_what, scope, outside, problem) => {
  await grant(scope);
  await choose(INSIDE, outside);
  expect((await checks()).at(-1)).toBe(`outside failed ${problem}`);
  expect((await consent())?.provenAt).toBeNull();
});

it('waits for Exchange, and is void where mail is granted for all', async () => {
  await grant([OUTSIDE]);
  await choose(INSIDE, OUTSIDE);
  expect((await checks()).slice(2)).toEqual(['mailbox waiting out_of_scope', 'outside not_run']);
  await grant([INSIDE], ['Mail.ReadWrite']);
  expect((await checks())[0]).toBe('consent failed unlimited');
});

it('takes no text for an address, and keeps what was chosen before', async () => {
  await choose(INSIDE, OUTSIDE);
  expect(await choose('Ingrid Solberg', OUTSIDE)).toEqual({ kind: 'not_an_address', field: 'inside' });
  expect(await choose(INSIDE, 'Olivia Chen')).toEqual({ kind: 'not_an_address', field: 'outside' });
  expect(await consent()).toMatchObject({ inside: INSIDE, outside: OUTSIDE });
});

it('is to be proven again once somebody chose otherwise, or the limit is gone', async () => {
  await grant([INSIDE]);
  await choose(INSIDE, OUTSIDE);
  await checks();
  await grant([INSIDE, OUTSIDE]);
  expect((await checks(false)).at(-1)).toBe('outside failed not_refused');
  expect((await consent())?.provenAt).toBeNull();
  await grant([INSIDE]);
  await checks();
  expect((await consent())?.provenAt).not.toBeNull();
  await choose(OUTSIDE, INSIDE);
  expect((await consent())?.provenAt).toBeNull();
});

it('tells a user whose mailbox is outside the scope as such, from memory too', async () => {
  await grant([INSIDE]);
  await choose(INSIDE, OUTSIDE);
  const coverage = await checkCoverage(parts, grace, { draftId });
  if (coverage.kind !== 'checked') throw new RangeError(coverage.kind);
  expect(coverage.withMailbox).toBe(1);
  expect(coverage.without.find(({ name }) => name === 'Olivia Chen')?.reason).toBe('mailbox_closed');
  expect(await checkCoverage(parts, grace, { draftId })).toEqual(coverage);
});
