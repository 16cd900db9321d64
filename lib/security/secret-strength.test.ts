import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { azuriteConnectionString } from '#scripts/services/azurite.ts';
import { EnvError, parseEnv } from '../env.ts';
import { isOfThisMachine, visibleWeakness } from './secret-strength.ts';

const simulated = Buffer.from(Array.from({ length: 32 }, (_, place) => (place * 37 + 11) % 251)).toString('base64');
const strong = () => randomBytes(36).toString('base64url');

/** An installation of which every host is this machine. */
const LOCAL = {
  DATABASE_URL: 'postgresql://portal:password@127.0.0.1:5432/portal',
  REDIS_URL: 'redis://:password@[::1]:6379/0',
  AZURE_STORAGE_CONNECTION_STRING: azuriteConnectionString(10000),
  TELEMESSAGE_URL: 'https://localhost:1443',
  GRAPH_URL: 'https://localhost:1444',
  ENTRA_AUTHORITY: 'https://entra.localhost:1445',
  ENTRA_CLIENT_ID: portalApp.clientId,
  ENTRA_CLIENT_SECRET: portalApp.clientSecret,
  ORGANIZATIONS: alderByrne.id,
  NEXTAUTH_URL: 'http://localhost:3000',
  NEXTAUTH_SECRET: 'a secret that somebody has typed here',
  ENCRYPTION_KEYS: `sample:${simulated}`,
  AUDIT_KEYS: `sample:${simulated}`,
};
/** One whose hosts are elsewhere, with secrets that were drawn. */
const REMOTE = {
  ...LOCAL,
  DATABASE_URL: `postgresql://portal:${strong()}@db.example:5432/portal`,
  REDIS_URL: `rediss://:${strong()}@redis.example:6380/0`,
  AZURE_STORAGE_CONNECTION_STRING: '',
  AZURE_STORAGE_ACCOUNT_URL: 'https://account.blob.core.windows.net',
  TELEMESSAGE_URL: 'https://archive.example',
  GRAPH_URL: '',
  ENTRA_AUTHORITY: '',
  ENTRA_CLIENT_SECRET: strong(),
  NEXTAUTH_URL: 'https://portal.example',
  NEXTAUTH_SECRET: strong(),
  ENCRYPTION_KEYS: `one:${randomBytes(32).toString('base64')}`,
  AUDIT_KEYS: `one:${randomBytes(32).toString('base64')}`,
};

it('an installation on this machine alone may have sample secrets', () => {
  expect(isOfThisMachine(parseEnv(LOCAL))).toBe(true);
});

it('an installation with drawn secrets starts anywhere', () => {
  expect(isOfThisMachine(parseEnv(REMOTE))).toBe(false);
});

describe('sample and weak secrets are refused as soon as one host is elsewhere', () => {
  it.each([
    { DATABASE_URL: REMOTE.DATABASE_URL },
    { DATABASE_URL: 'postgresql://portal:password@127.0.0.1,db.example:5432/portal' },
    { DATABASE_URL: 'postgresql://portal:password@127.0.0.1/portal?host=db.example' },
    { REDIS_URL: REMOTE.REDIS_URL },
    { AZURE_STORAGE_CONNECTION_STRING: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=b' },
    { AZURE_STORAGE_CONNECTION_STRING: '', AZURE_STORAGE_ACCOUNT_URL: REMOTE.AZURE_STORAGE_ACCOUNT_URL },
    { TELEMESSAGE_URL: REMOTE.TELEMESSAGE_URL },
    { GRAPH_URL: '' },
    { ENTRA_AUTHORITY: '' },
    { NEXTAUTH_URL: REMOTE.NEXTAUTH_URL },
    { NEXTAUTH_URL: 'https://localhost.example' },
    { NEXTAUTH_URL: 'https://127.0.0.1.example' },
    { SMTP_HOST: 'mail.example', SMTP_FROM: 'portal@mail.example' },
    { HEARTBEAT_URL: 'https://monitor.example' },
    { NOTIFICATION_HOSTS: 'hooks.example' },
    { NOTIFICATION_PRIVATE_HOSTS: '10.0.0.1' },
  ])('%o', (elsewhere) => {
    expect(() => parseEnv({ ...LOCAL, ...elsewhere })).toThrow(/NEXTAUTH_SECRET looks like a sample/);
  });

  it('but for a socket of this machine', () => {
    expect(() => parseEnv({ ...LOCAL, DATABASE_URL: 'postgresql:///portal?host=/var/run/postgresql' })).not.toThrow();
  });
});

it.each([
  [{ ENTRA_CLIENT_SECRET: portalApp.clientSecret }, 'ENTRA_CLIENT_SECRET is printed'],
  [{ SMTP_HOST: 'm.example', SMTP_FROM: 'a@m.example', SMTP_USER: 'a', SMTP_PASSWORD: 'password' }, 'SMTP_PASSWORD is'],
  [{ DATABASE_URL: 'postgresql://portal:password@db.example/portal' }, 'The password in DATABASE_URL is printed'],
  [{ REDIS_URL: 'redis://:pass%77ord@redis.example' }, 'The password in REDIS_URL is printed'],
  [{ AZURE_STORAGE_CONNECTION_STRING: azuriteConnectionString(1) }, 'The account key in AZURE_STORAGE'],
  [{ ENCRYPTION_KEYS: `${REMOTE.ENCRYPTION_KEYS},old:${simulated}` }, 'The key old of ENCRYPTION_KEYS is printed'],
  [{ AUDIT_KEYS: `sample:${simulated}` }, 'A key of AUDIT_KEYS is printed'],
  [{ NEXTAUTH_SECRET: 'x'.repeat(40) }, 'NEXTAUTH_SECRET repeats itself'],
] as const)('%o is refused, without a byte of it', (weak, says) => {
  const [value] = Object.values(weak).slice(-1);
  const start = () => parseEnv({ ...REMOTE, ...weak });
  expect(start).toThrow(EnvError);
  expect(start).toThrow(says);
  expect(start).not.toThrow(String(value));
});

describe('a text looks random', () => {
  it.each([
    ['changemechangemechangemechangeme', 'looks like a sample'],
    ['my-super-Secret-nextauth-value-123', 'looks like a sample'],
    ['<replace with openssl rand -base64 48>', 'looks like a sample'],
    ['aB3$aB3$aB3$aB3$aB3$aB3$aB3$aB3$', 'repeats itself'],
    ['kjhgfdsakjhgfdsakjhgfdsakjhgfdsakj', 'repeats itself'],
    ['aaaabbbbccccaaaabbbbccccddddddddd', 'has too few different characters'],
    ['0101100101110100101010111010010111', 'has too few different characters'],
  ])('%s: no', (text, why) => {
    expect(visibleWeakness(text)).toContain(why);
  });

  it('whatever openssl draws: yes', () => {
    for (let i = 0; i < 20_000; i++) {
      const bytes = createHash('sha256').update(String(i)).digest();
      expect(visibleWeakness(bytes.subarray(0, 16).toString('hex'))).toBeNull();
      expect(visibleWeakness(bytes.toString('base64'))).toBeNull();
      expect(visibleWeakness(bytes.toString('hex'))).toBeNull();
    }
  });
});
