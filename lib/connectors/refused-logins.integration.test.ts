/** Wrong passwords, whoever types them wherever: TeleMessage never sees a fifth. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testRedisUrl } from '#testing/services.ts';
import { json, type ScriptedSite, scriptedSite } from '../archive/telemessage/scripted-site.fixture.ts';
import { createLimits, type Limits } from '../limits/limits.ts';
import { hastyConnection } from '../queue/connection.ts';
import { openTeleMessage } from './open-source.ts';

const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const OTHER = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';

let redis: Redis;
let limits: Limits;
let site: ScriptedSite;
/** how TeleMessage answers a sign-in */
let answer: (response: ServerResponse) => void;
const refused = (response: ServerResponse) => json(response, 401, { resultCode: 301, resultDescription: 'x' });
const accepted = (response: ServerResponse) =>
  json(response, 201, { token: 't', expiresIn: 1800, account: { id: 'TM-1', name: 'One' } });
const away = (response: ServerResponse) => json(response, 500, {});

beforeEach(async () => {
  redis = hastyConnection(await testRedisUrl());
  limits = createLimits(redis, 'test', pino({ level: 'silent' }));
  answer = refused;
  site = await scriptedSite(
    () => {},
    (response) => answer(response),
  );
});
afterEach(async () => {
  redis.disconnect();
  await site.stop();
});

/** Each with a password of its own, as people try. @returns how it ended */
let password = 0;
async function signIn(username = 'admin@example.com', organizationId = ORGANIZATION): Promise<string> {
  const credentials = { username, password: `wrong-${++password}` };
  const source = openTeleMessage(limits, site.baseUrl, {
    organizationId,
    kind: 'android-archiver',
    credentials: async () => credentials,
  });
  return source.account().then(
    () => 'signed in',
    (error: unknown) => (error instanceof Error && 'failure' in error ? String(error.failure) : String(error)),
  );
}

it('after three refusals nothing is sent for that username any more, however it is written', async () => {
  for (let time = 1; time <= 3; time++) expect(await signIn()).toBe('invalid_credentials');
  expect(await signIn()).toBe('login_paused');
  expect(await signIn(' Admin@Example.com ')).toBe('login_paused');
  expect(site.requests).toHaveLength(3);
});

it('many at once are no way around it', async () => {
  const ends = await Promise.all(Array.from({ length: 10 }, () => signIn()));
  expect(ends.filter((end) => end === 'invalid_credentials')).toHaveLength(3);
  expect(site.requests).toHaveLength(3);
});

it('another username, or the same of another organization, is counted for itself', async () => {
  for (let time = 1; time <= 4; time++) await signIn();
  expect(await signIn('other@example.com')).toBe('invalid_credentials');
  expect(await signIn('admin@example.com', OTHER)).toBe('invalid_credentials');
});

it('a sign-in that TeleMessage accepts begins anew, and one that it does not judge counts for nothing', async () => {
  await signIn();
  await signIn();
  answer = away;
  for (let time = 1; time <= 4; time++) expect(await signIn()).toBe('unreachable');
  answer = accepted;
  expect(await signIn()).toBe('signed in');
  answer = refused;
  for (let time = 1; time <= 3; time++) expect(await signIn()).toBe('invalid_credentials');
  expect(await signIn()).toBe('login_paused');
});

it('nothing is sent while nobody can count', async () => {
  const gone = hastyConnection('redis://127.0.0.1:1');
  limits = createLimits(gone, 'test', pino({ level: 'silent' }));
  expect(await signIn()).toBe('login_paused');
  expect(site.requests).toEqual([]);
  gone.disconnect();
});

it('there is no other way to TeleMessage in portal and workers', () => {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'app', 'lib', 'workers'],
    {
      encoding: 'utf8',
    },
  );
  const opening = files
    .trim()
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|fixture)\.ts$/.test(file) && !file.includes('/generated/'))
    .filter((file) => /\btelemessageS(?:ource|ession)\(/.test(readFileSync(file, 'utf8')));
  expect(opening.toSorted()).toEqual([
    'lib/archive/telemessage/session.ts',
    'lib/archive/telemessage/source.ts',
    'lib/connectors/open-source.ts',
  ]);
});
