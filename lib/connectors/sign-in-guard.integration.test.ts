/** Many who sign in at once with a password that is wrong: one attempt reaches the source. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { SourceError } from '../archive/source.ts';
import type { SignedIn } from '../archive/telemessage/sign-in.ts';
import { type Database, openDatabase } from '../db.ts';
import { seedConnector, seedOrganization } from './rows.fixture.ts';
import { signInGuard } from './sign-in-guard.ts';

const CREDENTIALS = { username: 'archive', password: 'as the test says' };
let database: Database;
let connectorId: string;
beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  connectorId = (await seedConnector(database.pool, await seedOrganization(database.pool), 'One')).id;
  await store('sealed once');
});

const store = (sealed: string) =>
  database.pool.query('UPDATE connector SET password_sealed = $2 WHERE id = $1', [connectorId, sealed]);

/** A site that counts, and refuses all or none. */
function site(right: boolean) {
  const counts = { attempts: 0, atOnce: 0, most: 0 };
  const signIn = async (): Promise<SignedIn> => {
    counts.attempts += 1;
    counts.atOnce += 1;
    counts.most = Math.max(counts.most, counts.atOnce);
    await sleep(50);
    counts.atOnce -= 1;
    if (!right) throw new SourceError('invalid_credentials', 'no');
    return { token: 't', expiresIn: 60, account: { id: 'a', name: 'A' } };
  };
  return { counts, signIn };
}

/** As several processes would: each with a guard of its own. */
const attempts = (signIn: () => Promise<SignedIn>, sealed: string, count: number) =>
  Promise.allSettled(
    Array.from({ length: count }, () =>
      signInGuard(database.pool, { id: connectorId, passwordSealed: sealed })(CREDENTIALS, signIn),
    ),
  );

const failures = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  results.map((one) => (one.status === 'rejected' && one.reason instanceof SourceError ? one.reason.failure : 'none'));

test('a wrong password is tried once, whoever asks at once and later', async () => {
  const { counts, signIn } = site(false);
  const results = await attempts(signIn, 'sealed once', 12);
  expect(failures(results)).toEqual(Array(12).fill('invalid_credentials'));
  expect(failures(await attempts(signIn, 'sealed once', 3))).toEqual(Array(3).fill('invalid_credentials'));
  expect(counts.attempts).toBe(1);
});

test('a right one is tried by each, one after another', async () => {
  const { counts, signIn } = site(true);
  expect(failures(await attempts(signIn, 'sealed once', 4))).toEqual(Array(4).fill('none'));
  expect(counts).toMatchObject({ attempts: 4, most: 1 });
});

test('an updated password is tried, and what was refused late says nothing of it', async () => {
  await attempts(site(false).signIn, 'sealed once', 1);
  await store('sealed anew');
  expect(failures(await attempts(site(true).signIn, 'sealed anew', 1))).toEqual(['none']);
  // A sign-in with the old one that was still under way.
  await database.pool.query('UPDATE connector SET refused_password_sealed = NULL');
  await attempts(site(false).signIn, 'sealed once', 1);
  expect(failures(await attempts(site(true).signIn, 'sealed anew', 1))).toEqual(['none']);
});

test('a refusal for another reason is no wrong password, and whoever died in the middle holds nobody up for ever', async () => {
  const unreachable = async (): Promise<SignedIn> => {
    throw new SourceError('unreachable', 'no answer');
  };
  expect(failures(await attempts(unreachable, 'sealed once', 2))).toEqual(['unreachable', 'unreachable']);
  await database.pool.query(`UPDATE connector SET signing_in_until = now() + interval '1 second'`);
  expect(failures(await attempts(site(true).signIn, 'sealed once', 1))).toEqual(['none']);
});
