/** For tests of adding a connector: people of the sandbox, and how far each has come in the wizard. */
import { setTimeout as sleep } from 'node:timers/promises';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import type { TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { TERMS } from '../terms.ts';
import { actorOf, answerConsent, openTestParts, type TestParts } from './parts.fixture.ts';
import type { AccountAtSource, SetUpParts } from './parts.ts';
import {
  acceptTerms,
  completeConsent,
  type Draft,
  findDraft,
  loginToSource,
  requestConsent,
  saveMapping,
  startDraft,
} from './use-cases.ts';

export const grace = actorOf(alderByrne, 'Grace');
export const lena = actorOf(alderByrne, 'Lena');
export const amara = actorOf(kestrelBank, 'Amara');
export const good = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
export const kind = 'android-archiver';

/** A database of its own, and a sandbox in which nobody has consented and nothing fails. To be closed. */
export async function freshParts(sandbox: TestSandbox): Promise<TestParts> {
  await fetch(`${sandbox.http}/sandbox/control/consents/${alderByrne.id}`, { method: 'DELETE' });
  await fetch(`${sandbox.http}/sandbox/control/faults`, { method: 'DELETE' });
  return openTestParts(await testDatabase(), sandbox);
}

/** Until a transaction waits: for a row that another one has, or for an advisory lock. */
export async function someoneWaits(parts: TestParts, locktype: 'transactionid' | 'advisory'): Promise<void> {
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

export async function begin(parts: SetUpParts, actor = grace): Promise<Draft> {
  const started = await startDraft(parts, actor, { kind });
  if (started.kind !== 'draft') throw new RangeError(started.kind);
  return started.draft;
}

/** @returns the draft's id, as of the next two */
export async function begunWithTerms(parts: SetUpParts): Promise<string> {
  const { id } = await begin(parts);
  await acceptTerms(parts, grace, { draftId: id, version: TERMS.version });
  return id;
}

export async function loggedIn(parts: SetUpParts): Promise<string> {
  const draftId = await begunWithTerms(parts);
  const login = await loginToSource(parts, grace, { draftId, ...good });
  if (login.kind !== 'connected') throw new RangeError(login.kind);
  return draftId;
}

/** Nothing is left but to finish. */
export async function ready(parts: SetUpParts): Promise<string> {
  const draftId = await loggedIn(parts);
  await saveMapping(parts, grace, { draftId, automatic: true, defaultRegion: 'US' });
  const asked = await requestConsent(parts, grace, { draftId });
  if (asked.kind !== 'asked') throw new RangeError(asked.kind);
  const answer = await completeConsent(parts, await answerConsent(asked.url, grace.userId, 'accept'));
  if (answer.kind !== 'given') throw new RangeError(answer.kind);
  return draftId;
}

export const draftNow = async (parts: SetUpParts): Promise<Draft | null> => findDraft(parts, grace, { kind });

/** What the source says of a registered connector; null for one that is not. */
export const registrationOf = async (parts: SetUpParts, id: string) => {
  const source = parts.openSource(kind, good, grace.organizationId);
  return 'connectorStatus' in source && typeof source.connectorStatus === 'function'
    ? source.connectorStatus(id)
    : null;
};

/** The parts with the sandbox's source changed in some way. */
export function withSource(parts: SetUpParts, change: (source: AccountAtSource) => AccountAtSource): SetUpParts {
  return { ...parts, openSource: (...of) => change(parts.openSource(...of)) };
}
