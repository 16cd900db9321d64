import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SourceError } from '../../archive/source.ts';
import { beginVersion } from '../../mapping/store/versions.ts';
import { NotAllowed } from '../../security/actor.ts';
import { openPassword } from '../password.ts';
import { TERMS } from '../terms.ts';
import { openTestParts, type TestParts } from './parts.fixture.ts';
import {
  acceptTerms,
  discardDraft,
  findDraft,
  finish,
  loginToSource,
  saveMapping,
  signInToSource,
  startDraft,
} from './use-cases.ts';
import {
  amara,
  begin,
  begunWithTerms,
  draftNow,
  freshParts,
  good,
  grace,
  kind,
  lena,
  loggedIn,
  ready,
  registrationOf,
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

describe('a draft', () => {
  it('is one per organization and kind, whoever asks and however often', async () => {
    const [first, second] = await Promise.all([startDraft(parts, grace, { kind }), startDraft(parts, lena, { kind })]);
    if (first.kind !== 'draft' || second.kind !== 'draft') throw new RangeError('no draft');
    expect(first.draft.id).toBe(second.draft.id);
    expect([first.begun, second.begun].filter(Boolean)).toHaveLength(1);
    expect(await startDraft(parts, grace, { kind: 'fax' })).toEqual({ kind: 'unknown_kind' });
  });

  it('is for Admins to change, for all roles to see, and invisible from another organization', async () => {
    const { id } = await begin(parts);
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
    const { id } = await begin(parts);
    const old = await acceptTerms(parts, grace, { draftId: id, version: '0.9' });
    expect(old).toEqual({ kind: 'other_version', version: TERMS.version });
    await acceptTerms(parts, grace, { draftId: id, version: TERMS.version });
    expect((await draftNow(parts))?.terms).toMatchObject({
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
    const draftId = await begunWithTerms(parts);
    const host = new URL(sandbox.telemessage).host;
    const refused = { kind: 'refused', failure, retryAfterSeconds: null, host };
    expect(await loginToSource(parts, grace, { draftId, username, password })).toEqual(refused);
    expect((await draftNow(parts))?.login).toBeNull();
    expect(await parts.database.prisma.source.count()).toBe(0);
    // The good account still works: one wrong password was sent, not five.
    expect((await signInToSource(parts, grace, { draftId, ...good })).kind).toBe('signed_in');
  });

  it('says how long to wait', async () => {
    const draftId = await begunWithTerms(parts);
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
    const draftId = await begunWithTerms(parts);
    const deaf = openTestParts(parts.database.pool.options.connectionString ?? '', {
      ...sandbox,
      telemessage: 'https://localhost:1',
    });
    const result = await signInToSource(deaf, grace, { draftId, ...good });
    expect(result).toMatchObject({ kind: 'refused', failure: 'unreachable', host: 'localhost:1' });
    await deaf.close();
  });

  it('registers nothing while the users cannot be read', async () => {
    const draftId = await begunWithTerms(parts);
    const calls: string[] = [];
    const scripted = withSource(parts, (source) => ({
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
    const draftId = await ready(parts);
    const registration = (await draftNow(parts))?.login?.registrationId ?? '';
    const scripted = withSource(parts, (source) => ({
      ...source,
      register: async (reference) => {
        const registered = await source.register(reference);
        expect((await finish(parts, grace, { draftId, firstImportFrom: null })).kind).toBe('finished');
        return registered;
      },
    }));
    expect(await loginToSource(scripted, grace, { draftId, ...good })).toEqual({ kind: 'no_draft' });
    expect(await registrationOf(parts, registration)).toMatchObject({ status: 'active' });
  });

  it('comes after the terms', async () => {
    const { id } = await begin(parts);
    expect(await loginToSource(parts, grace, { draftId: id, ...good })).toEqual({ kind: 'no_draft' });
  });

  it('registers once, reads the users, and seals the password to its row', async () => {
    const draftId = await loggedIn(parts);
    const login = (await draftNow(parts))?.login;
    expect(login).toMatchObject({ accountId: 'TM-40117', accountName: 'Alder & Byrne', username: good.username });
    expect(login?.registeredUsers).toBeGreaterThan(30);
    const again = await loginToSource(parts, grace, { draftId, ...good });
    expect(again.kind).toBe('connected');
    expect((await draftNow(parts))?.login?.registrationId).toBe(login?.registrationId);
    expect(await registrationOf(parts, login?.registrationId ?? '')).toMatchObject({ status: 'active' });

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
    await expect(registrationOf(parts, before?.login?.registrationId ?? '')).rejects.toThrow(SourceError);
    expect(await parts.database.prisma.source.count()).toBe(1);
  });
});

describe('a discarded draft', () => {
  it('is unregistered also where the answer to its registration was lost', async () => {
    const draftId = await begunWithTerms(parts);
    let registration = '';
    const scripted = withSource(parts, (source) => ({
      ...source,
      register: async (reference) => {
        registration = (await source.register(reference)).id;
        throw new SourceError('unreachable', 'the answer was lost');
      },
    }));
    expect(await loginToSource(scripted, grace, { draftId, ...good })).toMatchObject({ failure: 'unreachable' });
    expect((await draftNow(parts))?.login).toBeNull();
    expect(await registrationOf(parts, registration)).toMatchObject({ status: 'active' });
    expect(await discardDraft(parts, grace, { draftId })).toEqual({ kind: 'discarded', unregistered: true });
    await expect(registrationOf(parts, registration)).rejects.toThrow(SourceError);
  });

  it('is unregistered, and nothing of it stays but the audit log', async () => {
    const draftId = await ready(parts);
    const registration = (await draftNow(parts))?.login?.registrationId ?? '';
    expect(await discardDraft(parts, grace, { draftId })).toEqual({ kind: 'discarded', unregistered: true });
    await expect(registrationOf(parts, registration)).rejects.toThrow(SourceError);
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
    const draftId = await ready(parts);
    const { pool, prisma } = parts.database;
    const reading = await pool.connect();
    await reading.query('BEGIN');
    expect(await beginsToRead(reading, draftId)).toBe(true);
    const discarding = discardDraft(parts, grace, { draftId });
    await someoneWaits(parts, 'transactionid');
    await reading.query('COMMIT');
    reading.release();
    expect(await discarding).toEqual({ kind: 'discarded', unregistered: true });
    expect(await prisma.mappingVersion.count()).toBe(0);
  });

  it('is no draft to a file that comes while it is being removed', async () => {
    const { id } = await begin(parts);
    const { pool } = parts.database;
    const [removing, coming] = [await pool.connect(), await pool.connect()];
    await removing.query('BEGIN');
    await removing.query('DELETE FROM connector WHERE id = $1', [id]);
    const comes = beginsToRead(coming, id);
    await someoneWaits(parts, 'transactionid');
    await removing.query('COMMIT');
    expect(await comes).toBe(false);
    for (const client of [removing, coming]) client.release();
  });

  it('stays as it is while TeleMessage cannot be asked', async () => {
    const draftId = await ready(parts);
    const before = await draftNow(parts);
    expect(before?.mapping.confirmedAt).not.toBeNull();
    const deaf = openTestParts(parts.database.pool.options.connectionString ?? '', {
      ...sandbox,
      telemessage: 'https://localhost:1',
    });
    const result = await discardDraft({ ...deaf, keyRing: parts.keyRing }, grace, { draftId });
    await deaf.close();
    expect(result).toMatchObject({ kind: 'refused', failure: 'unreachable' });
    expect(await draftNow(parts)).toMatchObject({ login: before?.login, mapping: before?.mapping });
  });
});
