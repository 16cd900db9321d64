/** From the user mapping to the connector that is live, on a real database, against the sandbox's TeleMessage and Microsoft cloud. */
import { hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { signConsentState } from '../../microsoft/consent.ts';
import { answerConsent, type TestParts } from './parts.fixture.ts';
import {
  checkCoverage,
  completeConsent,
  discardDraft,
  finish,
  loginToSource,
  proveConsent,
  removeMappingFile,
  requestConsent,
  review,
  saveMapping,
  uploadMappingFile,
} from './use-cases.ts';
import {
  amara,
  begunWithTerms,
  draftNow,
  freshParts,
  good,
  grace,
  kind,
  loggedIn,
  ready,
  someoneWaits,
  withSource,
} from './wizard.fixture.ts';

let sandbox: TestSandbox;
let parts: TestParts;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  const fresh = await freshParts(sandbox);
  parts = fresh;
  return () => fresh.close();
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
    const draftId = await loggedIn(parts);
    const none = { draftId, automatic: false, defaultRegion: 'US' };
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'nothing_on' });
    await upload(draftId, 'ExternalUserId,O365UserMailbox\r\n12125550101,grace.adeyemi@alderbyrne.example\r\n');
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'saved' });
    await removeMappingFile(parts, grace, { draftId });
    expect((await draftNow(parts))?.mapping).toMatchObject({ file: null, confirmedAt: null });
    expect(await saveMapping(parts, grace, none)).toEqual({ kind: 'nothing_on' });
  });

  it('leaves erroneous rows out only when somebody says so, and keeps the file before', async () => {
    const draftId = await loggedIn(parts);
    const broken =
      'ExternalUserId,O365UserMailbox\n12125550101,grace.adeyemi@alderbyrne.example\n4.45204E+11,x@y.example\n';
    expect(await upload(draftId, broken)).toMatchObject({ kind: 'erroneous', rowCount: 1, erroneousRowCount: 1 });
    expect((await draftNow(parts))?.mapping.file).toBeNull();
    // It was shown more, or less: domains that became known since, say.
    expect(await upload(draftId, broken, 2)).toMatchObject({ kind: 'erroneous', rowCount: 1, erroneousRowCount: 1 });
    expect((await draftNow(parts))?.mapping.file).toBeNull();
    expect(await upload(draftId, broken, 1)).toMatchObject({ kind: 'in_force' });
    expect((await draftNow(parts))?.mapping.file).toMatchObject({
      fileName: 'people.csv',
      rowCount: 1,
      leftOutCount: 1,
    });
    expect(await upload(draftId, 'Phone,Name\n1,2\n')).toMatchObject({ kind: 'refused' });
    expect((await draftNow(parts))?.mapping.file?.rowCount).toBe(1);
  });

  it('of a file that is still being read when somebody finishes is not in force, and not to be seen', async () => {
    const draftId = await ready(parts);
    const { pool, prisma } = parts.database;
    const before = await pool.connect();
    // Whoever applies or stores a mapping waits here, as they would for a long file.
    await before.query('BEGIN');
    await before.query(`SELECT pg_advisory_xact_lock(hashtextextended('mapping ' || $1, 0))`, [draftId]);
    const uploading = upload(draftId, 'ExternalUserId,O365UserMailbox\n12125550101,lena.fischer@alderbyrne.example\n');
    await someoneWaits(parts, 'advisory');
    expect((await finish(parts, grace, { draftId, firstImportFrom: null })).kind).toBe('finished');
    await before.query('COMMIT');
    before.release();
    expect(await uploading).toEqual({ kind: 'no_draft' });
    const versions = await prisma.mappingVersion.findMany({ where: { connectorId: draftId } });
    expect(versions.map(({ status }) => status)).toEqual(['discarded']);
    expect(await removeMappingFile(parts, grace, { draftId })).toEqual({ kind: 'no_draft' });
  });

  it('is audited: what was uploaded, and what was removed', async () => {
    const draftId = await loggedIn(parts);
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
    const draftId = await loggedIn(parts);
    await upload(draftId, 'ExternalUserId,O365UserMailbox\n12125550101,grace.adeyemi@alderbyrne.example\n');
    const german = { draftId, automatic: true, defaultRegion: 'DE' };
    expect(await saveMapping(parts, grace, german)).toEqual({ kind: 'read_in_other_region', region: 'US' });
    expect(await saveMapping(parts, grace, { ...german, defaultRegion: 'XX' })).toEqual({ kind: 'unknown_region' });
  });

  it('does not claim to know the mailboxes before consent, and counts them after', async () => {
    const draftId = await loggedIn(parts);
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
    const draftId = await loggedIn(parts);
    const before = await proveConsent(parts, grace, { draftId });
    expect(before).toMatchObject({ kind: 'checked', proof: { proven: false } });
    const priya = alderByrne.people.find(({ givenName }) => givenName === 'Priya')?.id ?? '';
    const query = await answerConsent(await asked(draftId), priya, 'accept');
    expect(await completeConsent(parts, query)).toEqual({ kind: 'given' });
    expect((await draftNow(parts))?.consent.provenAt).not.toBeNull();
    const organization = await parts.database.prisma.organization.findUniqueOrThrow({ where: { id: alderByrne.id } });
    expect(organization.name).toBe('Alder & Byrne');
    expect(organization.verifiedDomains).toContain('alderbyrne.example');
  });

  it('is not believed because an address says so', async () => {
    const draftId = await loggedIn(parts);
    const state = new URL(await asked(draftId)).searchParams.get('state') ?? '';
    const lie = new URLSearchParams({ admin_consent: 'True', tenant: alderByrne.id, state });
    expect(await completeConsent(parts, lie)).toEqual({ kind: 'accepted' });
    expect((await draftNow(parts))?.consent.provenAt).toBeNull();
  });

  it('works once, of two browsers at once for one', async () => {
    const draftId = await loggedIn(parts);
    const query = await answerConsent(await asked(draftId), grace.userId, 'accept');
    const answers = await Promise.all([completeConsent(parts, query), completeConsent(parts, query)]);
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual(['given', 'used']);
    expect(await completeConsent(parts, query)).toEqual({ kind: 'used' });
  });

  it('takes no state that is forged, expired, unknown or of another draft', async () => {
    const draftId = await loggedIn(parts);
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
    const draftId = await loggedIn(parts);
    const query = await answerConsent(await asked(draftId), grace.userId, 'accept');
    await discardDraft(parts, grace, { draftId });
    expect(await completeConsent(parts, query)).toEqual({ kind: 'invalid' });
  });

  it('that is declined changes nothing, and says so until the next link', async () => {
    const draftId = await loggedIn(parts);
    const query = await answerConsent(await asked(draftId), grace.userId, 'cancel');
    expect(await completeConsent(parts, query)).toEqual({ kind: 'declined' });
    expect((await draftNow(parts))?.consent).toMatchObject({ problem: { kind: 'declined' }, provenAt: null });
    await asked(draftId);
    expect((await draftNow(parts))?.consent.problem).toBeNull();
  });

  it('for another organization is named', async () => {
    const draftId = await loggedIn(parts);
    const state = new URL(await asked(draftId)).searchParams.get('state') ?? '';
    const foreign = new URLSearchParams({ admin_consent: 'True', tenant: kestrelBank.id, state });
    const expected = { kind: 'wrong_tenant', given: kestrelBank.id, expected: 'alderbyrne.example' };
    expect(await completeConsent(parts, foreign)).toEqual(expected);
    expect((await draftNow(parts))?.consent.problem).toEqual(expected);
  });

  it('that is revoked again before the end does not count', async () => {
    const draftId = await ready(parts);
    await fetch(`${sandbox.http}/sandbox/control/consents/${alderByrne.id}`, { method: 'DELETE' });
    const proof = await proveConsent(parts, grace, { draftId });
    expect(proof).toMatchObject({ proof: { proven: false } });
    const result = await finish(parts, grace, { draftId, firstImportFrom: null });
    expect(result).toEqual({ kind: 'incomplete', step: 'consent' });
  });
});

describe('review and finish', () => {
  it('shows what there is, and proposes the last 24 hours of the source', async () => {
    const draftId = await ready(parts);
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
    const draftId = await ready(parts);
    const results = await Promise.all([1, 2, 3].map(() => finish(parts, grace, { draftId, firstImportFrom: null })));
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(['already_finished', 'already_finished', 'finished']);
    expect(parts.jobs).toEqual([{ name: 'plan', connectorId: draftId }]);
    const row = await parts.database.prisma.connector.findUniqueOrThrow({ where: { id: draftId } });
    expect(row.status).toBe('live');
    expect(row.scheduleMinute).toBeGreaterThanOrEqual(10);
    expect(row.scheduleMinute).toBeLessThan(240);
    expect(await draftNow(parts)).toBeNull();
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
    const draftId = await ready(parts);
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
    const draftId = await ready(parts);
    const early = await finish(parts, grace, { draftId, firstImportFrom: new Date('2001-01-01T00:00:00Z') });
    expect(early.kind).toBe('too_early');
    const late = await finish(parts, grace, { draftId, firstImportFrom: new Date(Date.now() + 86_400_000) });
    expect(late.kind).toBe('in_future');
    // What has reached the source only just now is not settled: it may still get company.
    const settledThrough = new Date(Date.now() - 3_600_000);
    const lagging = withSource(parts, (source) => ({
      ...source,
      clock: async () => ({ ...(await source.clock()), settledThrough }),
    }));
    const firstImportFrom = new Date(settledThrough.getTime() + 1_000);
    const unsettled = await finish(lagging, grace, { draftId, firstImportFrom });
    expect(unsettled.kind).toBe('in_future');
  });

  it('refuses what is not complete, with the step', async () => {
    const draftId = await loggedIn(parts);
    const result = await finish(parts, grace, { draftId, firstImportFrom: null });
    expect(result).toEqual({ kind: 'incomplete', step: 'mapping' });
  });

  it('never has two live connectors on one account', async () => {
    const first = await ready(parts);
    await finish(parts, grace, { draftId: first, firstImportFrom: null });
    const second = await begunWithTerms(parts);
    const result = await loginToSource(parts, grace, { draftId: second, ...good });
    expect(result).toEqual({ kind: 'already_live', connectorName: 'Android Archiver' });
  });

  it('holds that by the database too, when both were logged in before', async () => {
    const draftId = await ready(parts);
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
    expect((await draftNow(parts))?.id).toBe(draftId);
  });
});
