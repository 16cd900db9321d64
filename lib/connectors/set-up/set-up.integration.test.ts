/** Adding a connector, on a real database, against the sandbox's TeleMessage and Microsoft cloud. */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { SourceError } from '../../archive/source.ts';
import { beginVersion } from '../../mapping/store/versions.ts';
import { signConsentState } from '../../microsoft/consent.ts';
import { NotAllowed } from '../../security/actor.ts';
import { openPassword } from '../password.ts';
import { TERMS } from '../terms.ts';
import { actorOf, answerConsent, openTestParts, type TestParts } from './parts.fixture.ts';
import type { AccountAtSource, SetUpParts } from './parts.ts';
import {
  acceptTerms,
  checkCoverage,
  completeConsent,
  type Draft,
  discardDraft,
  findDraft,
  finish,
  loginToSource,
  proveConsent,
  removeMappingFile,
  requestConsent,
  review,
  saveMapping,
  signInToSource,
  startDraft,
  uploadMappingFile,
} from './use-cases.ts';

const grace = actorOf(alderByrne, 'Grace');
const lena = actorOf(alderByrne, 'Lena');
const amara = actorOf(kestrelBank, 'Amara');
const good = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
const kind = 'android-archiver';

let sandbox: TestSandbox;
let parts: TestParts;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await fetch(`${sandbox.http}/sandbox/control/consents/${alderByrne.id}`, { method: 'DELETE' });
  await fetch(`${sandbox.http}/sandbox/control/faults`, { method: 'DELETE' });
  const fresh = openTestParts(await testDatabase(), sandbox);
  parts = fresh;
  return () => fresh.close();
});

/** Until a transaction waits: for a row that another one has, or for an advisory lock. */
async function someoneWaits(locktype: 'transactionid' | 'advisory'): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { rows } = await parts.database.pool.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE a.datname = current_database() AND l.locktype = $1 AND NOT l.granted) AS waits`,
      [locktype],
    );
    if (rows[0]?.waits === true) return;
    if (Date.now() > deadline) throw new RangeError('nobody waits for a lock');
    await sleep(10);
  }
}

async function begin(actor = grace): Promise<Draft> {
  const started = await startDraft(parts, actor, { kind });
  if (started.kind !== 'draft') throw new RangeError(started.kind);
  return started.draft;
}

async function begunWithTerms(): Promise<string> {
  const { id } = await begin();
  await acceptTerms(parts, grace, { draftId: id, version: TERMS.version });
  return id;
}

async function loggedIn(): Promise<string> {
  const draftId = await begunWithTerms();
  expect(await loginToSource(parts, grace, { draftId, ...good })).toMatchObject({ kind: 'connected' });
  return draftId;
}

async function ready(): Promise<string> {
  const draftId = await loggedIn();
  await saveMapping(parts, grace, { draftId, automatic: true, defaultRegion: 'US' });
  const asked = await requestConsent(parts, grace, { draftId });
  if (asked.kind !== 'asked') throw new RangeError(asked.kind);
  const answer = await completeConsent(parts, await answerConsent(asked.url, grace.userId, 'accept'));
  expect(answer).toEqual({ kind: 'given' });
  return draftId;
}

const draftNow = async (): Promise<Draft | null> => findDraft(parts, grace, { kind });
const registrationOf = async (id: string) => {
  const source = parts.openSource(kind, good, grace.organizationId);
  return 'connectorStatus' in source && typeof source.connectorStatus === 'function'
    ? source.connectorStatus(id)
    : null;
};

/** The parts with the sandbox's source changed in some way. */
function withSource(change: (source: AccountAtSource) => AccountAtSource): SetUpParts {
  return { ...parts, openSource: (...of) => change(parts.openSource(...of)) };
}

describe('a draft', () => {
  it('is one per organization and kind, whoever asks and however often', async () => {
    const [first, second] = await Promise.all([startDraft(parts, grace, { kind }), startDraft(parts, lena, { kind })]);
    if (first.kind !== 'draft' || second.kind !== 'draft') throw new RangeError('no draft');
    expect(first.draft.id).toBe(second.draft.id);
    expect([first.begun, second.begun].filter(Boolean)).toHaveLength(1);
    expect(await startDraft(parts, grace, { kind: 'fax' })).toEqual({ kind: 'unknown_kind' });
  });

  it('is for Admins to change, for all roles to see, and invisible from another organization', async () => {
    const { id } = await begin();
    const reader = { ...grace, roles: ['DataConnectors.Reader'] as const };
    await expect(startDraft(parts, reader, { kind })).rejects.toThrow(NotAllowed);
    await expect(discardDraft(parts, reader, { draftId: id })).rejects.toThrow(NotAllowed);
    expect((await findDraft(parts, reader, { kind }))?.id).toBe(id);
    expect(await findDraft(parts, amara, { kind })).toBeNull();
    const foreign = { draftId: id, version: TERMS.version };
    expect(await acceptTerms(parts, amara, foreign)).toEqual({ kind: 'no_draft' });
    expect(await discardDraft(parts, amara, { draftId: id })).toEqual({ kind: 'no_draft' });
  });

  it('records who accepted which terms, and takes no other version', async () => {
    const { id } = await begin();
    const old = await acceptTerms(parts, grace, { draftId: id, version: '0.9' });
    expect(old).toEqual({ kind: 'other_version', version: TERMS.version });
    await acceptTerms(parts, grace, { draftId: id, version: TERMS.version });
    expect((await draftNow())?.terms).toMatchObject({
      version: TERMS.version,
      acceptedBy: 'Grace Adeyemi (grace.adeyemi@alderbyrne.example)',
    });
  });
});

describe('login to TeleMessage', () => {
  it.each([
    ['archive.admin@alderbyrne.example', 'wrong', 'invalid_credentials'],
    ['nobody@alderbyrne.example', 'x', 'invalid_credentials'],
    ['archive.suspended@alderbyrne.example', 'sandbox-archive-4', 'suspended'],
    ['archive.pin@alderbyrne.example', 'sandbox-archive-5', 'pin_required'],
    ['archive.basic@alderbyrne.example', 'sandbox-archive-3', 'kind_not_ordered'],
  ])('%s with %s is refused as %s, and nothing is stored', async (username, password, failure) => {
    const draftId = await begunWithTerms();
    const host = new URL(sandbox.telemessage).host;
    const refused = { kind: 'refused', failure, retryAfterSeconds: null, host };
    expect(await loginToSource(parts, grace, { draftId, username, password })).toEqual(refused);
    expect((await draftNow())?.login).toBeNull();
    expect(await parts.database.prisma.source.count()).toBe(0);
    // The good account still works: one wrong password was sent, not five.
    expect((await signInToSource(parts, grace, { draftId, ...good })).kind).toBe('signed_in');
  });

  it('says how long to wait', async () => {
    const draftId = await begunWithTerms();
    const rule = { service: 'telemessage', route: 'POST /v1/sessions', fault: { kind: 'throttle', retryAfter: 40 } };
    const set = await fetch(`${sandbox.http}/sandbox/control/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
    expect(set.ok).toBe(true);
    const result = await signInToSource(parts, grace, { draftId, ...good });
    expect(result).toMatchObject({ kind: 'refused', failure: 'throttled', retryAfterSeconds: 40 });
  });

  it('says when nobody answers', async () => {
    const draftId = await begunWithTerms();
    const deaf = openTestParts(parts.database.pool.options.connectionString ?? '', {
      ...sandbox,
      telemessage: 'https://localhost:1',
    });
    const result = await signInToSource(deaf, grace, { draftId, ...good });
    expect(result).toMatchObject({ kind: 'refused', failure: 'unreachable', host: 'localhost:1' });
    await deaf.close();
  });

  it('registers nothing while the users cannot be read', async () => {
    const draftId = await begunWithTerms();
    const calls: string[] = [];
    const scripted = withSource((source) => ({
      ...source,
      users: () => {
        throw new SourceError('unreachable', 'the line broke');
      },
      register: async () => {
        calls.push('register');
        throw new RangeError('registered');
      },
    }));
    expect(await loginToSource(scripted, grace, { draftId, ...good })).toMatchObject({ failure: 'unreachable' });
    expect(calls).toEqual([]);
  });

  it('leaves the live connector its registration, where another tab finished the draft meanwhile', async () => {
    const draftId = await ready();
    const registration = (await draftNow())?.login?.registrationId ?? '';
    const scripted = withSource((source) => ({
      ...source,
      register: async (reference) => {
        const registered = await source.register(reference);
        expect((await finish(parts, grace, { draftId, firstImportFrom: null })).kind).toBe('finished');
        return registered;
      },
    }));
    expect(await loginToSource(scripted, grace, { draftId, ...good })).toEqual({ kind: 'no_draft' });
    expect(await registrationOf(registration)).toMatchObject({ status: 'active' });
  });

  it('comes after the terms', async () => {
    const { id } = await begin();
    expect(await loginToSource(parts, grace, { draftId: id, ...good })).toEqual({ kind: 'no_draft' });
  });

  it('registers once, reads the users, and seals the password to its row', async () => {
    const draftId = await loggedIn();
    const login = (await draftNow())?.login;
    expect(login).toMatchObject({ accountId: 'TM-40117', accountName: 'Alder & Byrne', username: good.username });
    expect(login?.registeredUsers).toBeGreaterThan(30);
    const again = await loginToSource(parts, grace, { draftId, ...good });
    expect(again.kind).toBe('connected');
    expect((await draftNow())?.login?.registrationId).toBe(login?.registrationId);
    expect(await registrationOf(login?.registrationId ?? '')).toMatchObject({ status: 'active' });

    const row = await parts.database.prisma.connector.findUniqueOrThrow({ where: { id: draftId } });
    expect(row.passwordSealed).not.toContain(good.password);
    expect(openPassword(parts.keyRing, draftId, row.passwordSealed ?? '')).toBe(good.password);
    expect(() => openPassword(parts.keyRing, parts.newId(), row.passwordSealed ?? '')).toThrow();
    const entries = await parts.database.prisma.auditEntry.findMany();
    expect(JSON.stringify(entries.map(({ detail }) => detail))).not.toContain(good.password);
  });

  it('takes the old registration back when another account is chosen, and asks for the mapping again', async () => {
    // An account that has ordered Verizon only stands for "another account" there.
    const started = await startDraft(parts, grace, { kind: 'verizon-network' });
    if (started.kind !== 'draft') throw new RangeError(started.kind);
    const draftId = started.draft.id;
    await acceptTerms(parts, grace, { draftId, version: TERMS.version });
    await loginToSource(parts, grace, { draftId, ...good });
    await saveMapping(parts, grace, { draftId, automatic: true, defaultRegion: 'US' });
    const before = await findDraft(parts, grace, { kind: 'verizon-network' });
    const other = { username: 'archive.basic@alderbyrne.example', password: 'sandbox-archive-3' };
    expect((await loginToSource(parts, grace, { draftId, ...other })).kind).toBe('connected');
    const after = await findDraft(parts, grace, { kind: 'verizon-network' });
    expect(after?.login?.accountId).toBe('TM-40118');
    expect(after?.mapping.confirmedAt).toBeNull();
    await expect(registrationOf(before?.login?.registrationId ?? '')).rejects.toThrow(SourceError);
    expect(await parts.database.prisma.source.count()).toBe(1);
  });
});

describe('user mapping', () => {
  const csv = (text: string): Uint8Array => new TextEncoder().encode(text);
  const upload = (draftId: string, text: string, leaveOut = 0) =>
    uploadMappingFile(parts, grace, {
      draftId,
      fileName: 'people.csv',
      bytes: csv(text),
      defaultRegion: 'US',
      leaveOut,
    });

  /** Until some transaction of this database waits for another's advisory lock. */
  it('needs one of the two ways', async () => {
    const draftId = await loggedIn();
    const none = { draftId, automatic: false, defaultRegion: 'US' };
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'nothing_on' });
    await upload(draftId, 'ExternalUserId,O365UserMailbox\r\n12125550101,grace.adeyemi@alderbyrne.example\r\n');
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'saved' });
    await removeMappingFile(parts, grace, { draftId });
    expect((await draftNow())?.mapping).toMatchObject({ file: null, confirmedAt: null });
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'nothing_on' });
  });

  it('leaves erroneous rows out only when somebody says so, and keeps the file before', async () => {
    const draftId = await loggedIn();
    const broken =
      'ExternalUserId,O365UserMailbox\n12125550101,grace.adeyemi@alderbyrne.example\n4.45204E+11,x@y.example\n';
    expect(await upload(draftId, broken)).toMatchObject({ kind: 'erroneous', rowCount: 1, erroneousRowCount: 1 });
    expect((await draftNow())?.mapping.file).toBeNull();
    // It was shown more, or less: domains that became known since, say.
    expect(await upload(draftId, broken, 2)).toMatchObject({ kind: 'erroneous', rowCount: 1, erroneousRowCount: 1 });
    expect((await draftNow())?.mapping.file).toBeNull();
    expect(await upload(draftId, broken, 1)).toMatchObject({ kind: 'in_force' });
    expect((await draftNow())?.mapping.file).toMatchObject({ fileName: 'people.csv', rowCount: 1, leftOutCount: 1 });
    expect(await upload(draftId, 'Phone,Name\n1,2\n')).toMatchObject({ kind: 'refused' });
    expect((await draftNow())?.mapping.file?.rowCount).toBe(1);
  });

  it('of a file that is still being read when somebody finishes is not in force, and not to be seen', async () => {
    const draftId = await ready();
    const { pool, prisma } = parts.database;
    const before = await pool.connect();
    // Whoever applies or stores a mapping waits here, as they would for a long file.
    await before.query('BEGIN');
    await before.query(`SELECT pg_advisory_xact_lock(hashtextextended('mapping ' || $1, 0))`, [draftId]);
    const uploading = upload(draftId, 'ExternalUserId,O365UserMailbox\n12125550101,lena.fischer@alderbyrne.example\n');
    await someoneWaits('advisory');
    expect((await finish(parts, grace, { draftId, firstImportFrom: null })).kind).toBe('finished');
    await before.query('COMMIT');
    before.release();
    expect(await uploading).toEqual({ kind: 'no_draft' });
    const versions = await prisma.mappingVersion.findMany({ where: { connectorId: draftId } });
    expect(versions.map(({ status }) => status)).toEqual(['discarded']);
    expect(await removeMappingFile(parts, grace, { draftId })).toEqual({ kind: 'no_draft' });
  });

  it('is audited: what was uploaded, and what was removed', async () => {
    const draftId = await loggedIn();
    const csv = 'ExternalUserId,O365UserMailbox\n12125550101,grace.adeyemi@alderbyrne.example\n';
    await upload(draftId, csv);
    await removeMappingFile(parts, grace, { draftId });
    const entries = await parts.database.prisma.auditEntry.findMany({
      where: { action: { startsWith: 'connector.mapping' } },
      orderBy: { id: 'asc' },
    });
    expect(entries.map(({ action, actor, detail }) => ({ action, actor, detail }))).toEqual([
      {
        action: 'connector.mapping-uploaded',
        actor: grace.userId,
        detail: {
          file: 'people.csv',
          sha256: hash('sha256', csv),
          version: 1,
          rows: 1,
          leftOut: 0,
          defaultRegion: 'US',
        },
      },
      { action: 'connector.mapping-removed', actor: grace.userId, detail: { file: 'people.csv', version: 1 } },
    ]);
  });

  it('does not read a file in one region and use it in another', async () => {
    const draftId = await loggedIn();
    await upload(draftId, 'ExternalUserId,O365UserMailbox\n12125550101,grace.adeyemi@alderbyrne.example\n');
    const german = { draftId, automatic: true, defaultRegion: 'DE' };
    expect(await saveMapping(parts, grace, german)).toEqual({ kind: 'read_in_other_region', region: 'US' });
    expect(await saveMapping(parts, grace, { ...german, defaultRegion: 'XX' })).toEqual({ kind: 'unknown_region' });
  });

  it('does not claim to know the mailboxes before consent, and counts them after', async () => {
    const draftId = await loggedIn();
    expect(await checkCoverage(parts, grace, { draftId })).toEqual({ kind: 'after_consent' });
    const asked = await requestConsent(parts, grace, { draftId });
    if (asked.kind !== 'asked') throw new RangeError(asked.kind);
    await completeConsent(parts, await answerConsent(asked.url, grace.userId, 'accept'));
    const coverage = await checkCoverage(parts, grace, { draftId });
    if (coverage.kind !== 'checked') throw new RangeError(coverage.kind);
    expect(coverage.withMailbox).toBeGreaterThan(20);
    expect(coverage.without.length).toBe(coverage.registered - coverage.withMailbox);
    const yuki = coverage.without.find(({ name }) => name === 'Yuki Tanaka');
    expect(yuki?.reason).toBe('no_mailbox');
    const off = await checkCoverage(parts, grace, { draftId, mapping: { automatic: false } });
    expect(off).toMatchObject({ kind: 'checked', withMailbox: 0 });
  });
});

describe('admin consent', () => {
  async function asked(draftId: string): Promise<string> {
    const result = await requestConsent(parts, grace, { draftId });
    if (result.kind !== 'asked') throw new RangeError(result.kind);
    return result.url;
  }

  it('is proven by a fresh token, for whoever carried the link', async () => {
    const draftId = await loggedIn();
    const before = await proveConsent(parts, grace, { draftId });
    expect(before).toMatchObject({ kind: 'checked', proof: { proven: false } });
    const priya = alderByrne.people.find(({ givenName }) => givenName === 'Priya')?.id ?? '';
    const query = await answerConsent(await asked(draftId), priya, 'accept');
    expect(await completeConsent(parts, query)).toEqual({ kind: 'given' });
    expect((await draftNow())?.consent.provenAt).not.toBeNull();
    const organization = await parts.database.prisma.organization.findUniqueOrThrow({ where: { id: alderByrne.id } });
    expect(organization.name).toBe('Alder & Byrne');
    expect(organization.verifiedDomains).toContain('alderbyrne.example');
  });

  it('is not believed because an address says so', async () => {
    const draftId = await loggedIn();
    const state = new URL(await asked(draftId)).searchParams.get('state') ?? '';
    const lie = new URLSearchParams({ admin_consent: 'True', tenant: alderByrne.id, state });
    expect(await completeConsent(parts, lie)).toEqual({ kind: 'accepted' });
    expect((await draftNow())?.consent.provenAt).toBeNull();
  });

  it('works once, of two browsers at once for one', async () => {
    const draftId = await loggedIn();
    const query = await answerConsent(await asked(draftId), grace.userId, 'accept');
    const answers = await Promise.all([completeConsent(parts, query), completeConsent(parts, query)]);
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual(['given', 'used']);
    expect(await completeConsent(parts, query)).toEqual({ kind: 'used' });
  });

  it('takes no state that is forged, expired, unknown or of another draft', async () => {
    const draftId = await loggedIn();
    const state = new URL(await asked(draftId)).searchParams.get('state') ?? '';
    const answer = (text: string) =>
      completeConsent(parts, new URLSearchParams({ admin_consent: 'True', tenant: alderByrne.id, state: text }));
    const sign = (fields: { draftId: string; nonce: string; expiresAt: Date }) =>
      signConsentState(fields, parts.consent.stateKey);
    const nonce = 'a nonce that nobody recorded';
    const soon = new Date(Date.now() + 60_000);
    expect(await answer(`${state.slice(0, -2)}AA`)).toEqual({ kind: 'invalid' });
    expect(await answer('nonsense')).toEqual({ kind: 'invalid' });
    expect(await answer(sign({ draftId, nonce, expiresAt: soon }))).toEqual({ kind: 'invalid' });
    expect(await answer(sign({ draftId, nonce, expiresAt: new Date(0) }))).toEqual({ kind: 'expired' });
    const otherKey = signConsentState({ draftId, nonce, expiresAt: soon }, new Uint8Array(32).fill(7));
    expect(await answer(otherKey)).toEqual({ kind: 'invalid' });
    // None of these has used up the real one.
    expect(await answer(state)).toEqual({ kind: 'accepted' });
    expect(await completeConsent(parts, new URLSearchParams())).toEqual({ kind: 'invalid' });
  });

  it('of a draft that was discarded is nobody’s', async () => {
    const draftId = await loggedIn();
    const query = await answerConsent(await asked(draftId), grace.userId, 'accept');
    await discardDraft(parts, grace, { draftId });
    expect(await completeConsent(parts, query)).toEqual({ kind: 'invalid' });
  });

  it('that is declined changes nothing, and says so until the next link', async () => {
    const draftId = await loggedIn();
    const query = await answerConsent(await asked(draftId), grace.userId, 'cancel');
    expect(await completeConsent(parts, query)).toEqual({ kind: 'declined' });
    expect((await draftNow())?.consent).toMatchObject({ problem: { kind: 'declined' }, provenAt: null });
    await asked(draftId);
    expect((await draftNow())?.consent.problem).toBeNull();
  });

  it('for another organization is named', async () => {
    const draftId = await loggedIn();
    const state = new URL(await asked(draftId)).searchParams.get('state') ?? '';
    const foreign = new URLSearchParams({ admin_consent: 'True', tenant: kestrelBank.id, state });
    const expected = { kind: 'wrong_tenant', given: kestrelBank.id, expected: 'alderbyrne.example' };
    expect(await completeConsent(parts, foreign)).toEqual(expected);
    expect((await draftNow())?.consent.problem).toEqual(expected);
  });

  it('that is revoked again before the end does not count', async () => {
    const draftId = await ready();
    await fetch(`${sandbox.http}/sandbox/control/consents/${alderByrne.id}`, { method: 'DELETE' });
    const proof = await proveConsent(parts, grace, { draftId });
    expect(proof).toMatchObject({ proof: { proven: false } });
    const result = await finish(parts, grace, { draftId, firstImportFrom: null });
    expect(result).toEqual({ kind: 'incomplete', step: 'consent' });
  });
});

describe('review and finish', () => {
  it('shows what there is, and proposes the last 24 hours of the source', async () => {
    const draftId = await ready();
    const shown = await review(parts, grace, { draftId });
    if (shown.kind !== 'review' || shown.range.kind !== 'range') throw new RangeError('no review');
    expect(shown.coverage.kind).toBe('checked');
    expect(shown.folders.checked).toBeGreaterThan(10);
    expect(shown.folders.existing).toBe(0);
    const { proposed, latest, earliest } = shown.range;
    const { now, settledThrough } = await parts.openSource(kind, good, grace.organizationId).clock();
    expect(Math.abs(now.getTime() - proposed.getTime() - 24 * 3_600_000)).toBeLessThan(60_000);
    expect([earliest < proposed, latest <= settledThrough, latest < now]).toEqual([true, true, true]);
  });

  it('makes the connector live once, however often it is clicked, and asks for the first import', async () => {
    const draftId = await ready();
    const results = await Promise.all([1, 2, 3].map(() => finish(parts, grace, { draftId, firstImportFrom: null })));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['already_finished', 'already_finished', 'finished']);
    expect(parts.jobs).toEqual([{ name: 'plan', connectorId: draftId }]);
    const row = await parts.database.prisma.connector.findUniqueOrThrow({ where: { id: draftId } });
    expect(row.status).toBe('live');
    expect(row.scheduleMinute).toBeGreaterThanOrEqual(10);
    expect(row.scheduleMinute).toBeLessThan(240);
    expect(await draftNow()).toBeNull();
    expect(await finish(parts, amara, { draftId, firstImportFrom: null })).toEqual({ kind: 'no_draft' });
    const actions = await parts.database.prisma.auditEntry.findMany({
      orderBy: { id: 'asc' },
      select: { action: true },
    });
    expect(actions.map(({ action }) => action)).toEqual([
      'connector.draft-started',
      'connector.terms-accepted',
      'connector.source-connected',
      'connector.mapping-chosen',
      'connector.consent-requested',
      'connector.consent-answered',
      'connector.consent-proven',
      'connector.finished',
    ]);
  });

  it('imports one user first where somebody wants that, whose mailbox answers', async () => {
    const draftId = await ready();
    const choice = { draftId, firstImportFrom: null };
    const refused = { kind: 'first_user_refused' } as const;
    expect(await finish(parts, grace, { ...choice, firstUser: 'nobody' })).toEqual({
      ...refused,
      reason: 'not_an_address',
    });
    expect(await finish(parts, grace, { ...choice, firstUser: 'nobody@alderbyrne.example' })).toEqual({
      ...refused,
      reason: 'mailbox_not_found',
    });
    const first = 'LENA.fischer@alderbyrne.example';
    expect(await finish(parts, grace, { ...choice, firstUser: first })).toMatchObject({ kind: 'finished' });
    const row = await parts.database.prisma.connector.findUniqueOrThrow({ where: { id: draftId } });
    expect(row).toMatchObject({ firstMailbox: 'lena.fischer@alderbyrne.example', firstUserId: expect.any(String) });
  });

  it('takes no time that the source has forgotten, and none to come', async () => {
    const draftId = await ready();
    const early = await finish(parts, grace, { draftId, firstImportFrom: new Date('2001-01-01T00:00:00Z') });
    expect(early.kind).toBe('too_early');
    const late = await finish(parts, grace, { draftId, firstImportFrom: new Date(Date.now() + 86_400_000) });
    expect(late.kind).toBe('in_future');
    // What has reached the source only just now is not settled: it may still get company.
    const settledThrough = new Date(Date.now() - 3_600_000);
    const lagging = withSource((source) => ({
      ...source,
      clock: async () => ({ ...(await source.clock()), settledThrough }),
    }));
    const firstImportFrom = new Date(settledThrough.getTime() + 1_000);
    const unsettled = await finish(lagging, grace, { draftId, firstImportFrom });
    expect(unsettled.kind).toBe('in_future');
  });

  it('refuses what is not complete, with the step', async () => {
    const draftId = await loggedIn();
    const result = await finish(parts, grace, { draftId, firstImportFrom: null });
    expect(result).toEqual({ kind: 'incomplete', step: 'mapping' });
  });

  it('never has two live connectors on one account', async () => {
    const first = await ready();
    await finish(parts, grace, { draftId: first, firstImportFrom: null });
    const second = await begunWithTerms();
    const result = await loginToSource(parts, grace, { draftId: second, ...good });
    expect(result).toEqual({ kind: 'already_live', connectorName: 'Android Archiver' });
  });

  it('holds that by the database too, when both were logged in before', async () => {
    const draftId = await ready();
    const { prisma } = parts.database;
    const row = await prisma.connector.findUniqueOrThrow({ where: { id: draftId } });
    // The state that two drafts of one kind would leave if the index on drafts were not there.
    await prisma.connector.create({
      data: {
        ...row,
        id: parts.newId(),
        status: 'live',
        name: 'Twin',
        firstImportFrom: new Date(),
        finishedAt: new Date(),
      },
    });
    const result = await finish(parts, grace, { draftId, firstImportFrom: null });
    expect(result).toEqual({ kind: 'already_live', connectorName: 'Twin' });
    expect((await draftNow())?.id).toBe(draftId);
  });
});

describe('a discarded draft', () => {
  it('is unregistered also where the answer to its registration was lost', async () => {
    const draftId = await begunWithTerms();
    let registration = '';
    const scripted = withSource((source) => ({
      ...source,
      register: async (reference) => {
        registration = (await source.register(reference)).id;
        throw new SourceError('unreachable', 'the answer was lost');
      },
    }));
    expect(await loginToSource(scripted, grace, { draftId, ...good })).toMatchObject({ failure: 'unreachable' });
    expect((await draftNow())?.login).toBeNull();
    expect(await registrationOf(registration)).toMatchObject({ status: 'active' });
    expect(await discardDraft(parts, grace, { draftId })).toEqual({ kind: 'discarded', unregistered: true });
    await expect(registrationOf(registration)).rejects.toThrow(SourceError);
  });

  it('is unregistered, and nothing of it stays but the audit log', async () => {
    const draftId = await ready();
    const registration = (await draftNow())?.login?.registrationId ?? '';
    expect(await discardDraft(parts, grace, { draftId })).toEqual({ kind: 'discarded', unregistered: true });
    await expect(registrationOf(registration)).rejects.toThrow(SourceError);
    const { prisma } = parts.database;
    expect(await prisma.connector.count()).toBe(0);
    expect(await prisma.consentRequest.count()).toBe(0);
    expect(await prisma.sourceUser.count()).toBe(0);
    expect(await prisma.source.count()).toBe(0);
    expect(await discardDraft(parts, grace, { draftId })).toEqual({ kind: 'no_draft' });
  });

  const beginsToRead = (client: pg.PoolClient, connectorId: string): Promise<boolean> =>
    beginVersion(client, {
      id: parts.newId(),
      organizationId: alderByrne.id,
      connectorId,
      origin: 'file',
      fileName: 'people.csv',
      fileSha256: null,
      createdBy: 'Grace',
      reason: null,
    });

  it('takes with it the file that is being read', async () => {
    const draftId = await ready();
    const { pool, prisma } = parts.database;
    const reading = await pool.connect();
    await reading.query('BEGIN');
    expect(await beginsToRead(reading, draftId)).toBe(true);
    const discarding = discardDraft(parts, grace, { draftId });
    await someoneWaits('transactionid');
    await reading.query('COMMIT');
    reading.release();
    expect(await discarding).toEqual({ kind: 'discarded', unregistered: true });
    expect(await prisma.mappingVersion.count()).toBe(0);
  });

  it('is no draft to a file that comes while it is being removed', async () => {
    const { id } = await begin();
    const { pool } = parts.database;
    const [removing, coming] = [await pool.connect(), await pool.connect()];
    await removing.query('BEGIN');
    await removing.query('DELETE FROM connector WHERE id = $1', [id]);
    const comes = beginsToRead(coming, id);
    await someoneWaits('transactionid');
    await removing.query('COMMIT');
    expect(await comes).toBe(false);
    for (const client of [removing, coming]) client.release();
  });

  it('stays as it is while TeleMessage cannot be asked', async () => {
    const draftId = await ready();
    const before = await draftNow();
    expect(before?.mapping.confirmedAt).not.toBeNull();
    const deaf = openTestParts(parts.database.pool.options.connectionString ?? '', {
      ...sandbox,
      telemessage: 'https://localhost:1',
    });
    const result = await discardDraft({ ...deaf, keyRing: parts.keyRing }, grace, { draftId });
    await deaf.close();
    expect(result).toMatchObject({ kind: 'refused', failure: 'unreachable' });
    expect(await draftNow()).toMatchObject({ login: before?.login, mapping: before?.mapping });
  });
});
