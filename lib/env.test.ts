import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENV_NAMES, EnvError, env, parseEnv, readEnv, readSecret, SECRET_NAMES } from './env.ts';

const id = '00000000-0000-4000-8000-000000000000';
const KEY = randomBytes(32).toString('base64');
const WHOLE = {
  DATABASE_URL: 'postgresql://x/y',
  REDIS_URL: 'redis://x',
  AZURE_STORAGE_CONNECTION_STRING: 'x',
  TELEMESSAGE_URL: 'https://archive.example',
  ENTRA_CLIENT_ID: id,
  ENTRA_CLIENT_SECRET: 'x',
  ORGANIZATIONS: id,
  NEXTAUTH_URL: 'https://portal.example',
  NEXTAUTH_SECRET: randomBytes(36).toString('base64'),
  ENCRYPTION_KEYS: `one:${KEY}`,
  AUDIT_KEYS: `audit:${randomBytes(32).toString('base64')}`,
};

it('reads the hosts that notices may be sent to', () => {
  const read = (NOTIFICATION_HOSTS: string) => parseEnv({ ...WHOLE, NOTIFICATION_HOSTS }).NOTIFICATION_HOSTS;
  expect(read('')).toEqual([]);
  expect(read('Hooks.example, other.example:8443,[::1]:443')).toEqual([
    'hooks.example',
    'other.example:8443',
    '[::1]:443',
  ]);
});

it.each([
  { NOTIFICATION_HOSTS: 'https://hooks.example/' },
  { NOTIFICATION_HOSTS: '*.example' },
  { SMTP_HOST: 'mail.example' },
  { SMTP_USER: 'x' },
  { SMTP_SECURITY: 'none' },
  { ENTRA_CLIENT_SECRET_EXPIRES: 'next year' },
  { ENCRYPTION_KEYS: '' },
  { NEXTAUTH_SECRET: 'short' },
])('refuses %o', (wrong) => {
  expect(() => parseEnv({ ...WHOLE, ...wrong })).toThrow(EnvError);
});

it('keeps evidence and the audit log for seven years, and reads the Exchange role, unless it is told otherwise', () => {
  expect(parseEnv(WHOLE)).toMatchObject({
    EVIDENCE_RETENTION_YEARS: 7,
    AUDIT_RETENTION_YEARS: 7,
    EXCHANGE_ADMINS: 'yes',
  });
  expect(() => parseEnv({ ...WHOLE, EVIDENCE_RETENTION_YEARS: '0' })).toThrow(EnvError);
});

it('keeps the key ring and not the text that it was read from', () => {
  const parsed = parseEnv(WHOLE);
  expect([...parsed.ENCRYPTION_KEYS.keys.keys()]).toEqual(['one']);
  expect(inspect(parsed, { depth: 9, showHidden: true }) + JSON.stringify(parsed)).not.toContain(KEY);
});

describe('secrets', () => {
  /** Every variable is a secret or stands here, after somebody has thought about it. */
  const NO_SECRETS = [
    // With a password in it, it is one: whoever sets it so keeps it out of what others read, for the clients must have it.
    'HTTPS_PROXY',
    'NO_PROXY',
    'NODE_EXTRA_CA_CERTS',
    ...['EVIDENCE_RETENTION_YEARS', 'AUDIT_RETENTION_YEARS', 'AZURE_AUTHORITY_HOST', 'EXCHANGE_ADMINS'],
    'DATABASE_FAILOVER',
    ...['REDIS_PREFIX', 'AZURE_STORAGE_ACCOUNT_URL', 'STAGING_CONTAINER', 'TELEMESSAGE_URL', 'MICROSOFT_CLOUD'],
    ...['GRAPH_URL', 'ENTRA_AUTHORITY', 'ENTRA_CLIENT_ID', 'ENTRA_CLIENT_CERTIFICATE', 'ENTRA_CLIENT_SECRET_EXPIRES'],
    ...['ORGANIZATIONS', 'NEXTAUTH_URL', 'LOG_LEVEL', 'UNMAPPED_DOMAIN', 'SMTP_HOST', 'SMTP_PORT', 'SMTP_SECURITY'],
    ...['SMTP_USER', 'SMTP_FROM', 'NOTIFICATION_HOSTS', 'NOTIFICATION_PRIVATE_HOSTS', 'MESSAGE_CLASS'],
    ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    ...['OTEL_TRACES_EXPORTER', 'OTEL_SDK_DISABLED', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER'],
    ...[
      'OTEL_TRACES_SAMPLER_ARG',
      'GRAPH_TIMEOUT_SECONDS',
      'SHARD_LEASE_SECONDS',
      'LATE_COMMIT_SECONDS',
      'RECONCILE_SECONDS',
    ],
    ...['AUDIT_ANCHOR_CONTAINER', 'TRUSTED_PROXIES', 'WORKER_CONCURRENCY', 'WORKER_HEALTH_HOST', 'WORKER_HEALTH_PORT'],
  ];

  it('are named as such', () => {
    expect([...SECRET_NAMES, ...NO_SECRETS].sort()).toEqual([...ENV_NAMES].sort());
  });

  it('that lie elsewhere are no values: nobody signs in with a reference', () => {
    const reference = 'keyvault://v.example/a';
    expect(() => parseEnv({ ...WHOLE, ENTRA_CLIENT_SECRET: reference })).toThrow('read at start only');
    expect(() => parseEnv({ ...WHOLE, ENTRA_CLIENT_SECRET: '', ENTRA_CLIENT_SECRET_FILE: '/run/x' })).toThrow(
      'ENTRA_CLIENT_SECRET: a file or a vault is read at start only',
    );
    // Only secrets may lie elsewhere.
    expect(() => parseEnv({ ...WHOLE, TELEMESSAGE_URL: reference })).toThrow('for secrets only');
  });
});

describe('a process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'env-'));
    for (const [name, value] of Object.entries(WHOLE)) vi.stubEnv(name, value);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    Reflect.deleteProperty(globalThis, 'portalEnv');
    rmSync(folder, { recursive: true });
  });

  it('reads files and vaults once, and then has its secrets in no variable', async () => {
    const path = join(folder, 'keys');
    writeFileSync(path, `filed:${KEY}\n`);
    vi.stubEnv('ENCRYPTION_KEYS', '');
    vi.stubEnv('ENCRYPTION_KEYS_FILE', path);
    vi.stubEnv('DATABASE_URL', 'keyvault://v.example/database');
    const ask = vi.fn(async () => 'postgresql://from/the-vault');
    const read = await readEnv(ask);
    expect(read.DATABASE_URL).toBe('postgresql://from/the-vault');
    expect(read.ENCRYPTION_KEYS.current.id).toBe('filed');
    expect(env()).toBe(read);
    expect(await readEnv(ask)).toBe(read);
    expect(ask).toHaveBeenCalledTimes(1);
    // biome-ignore lint/style/noProcessEnv: it is what is looked at
    expect(SECRET_NAMES.filter((name) => process.env[name])).toEqual([]);
    // biome-ignore lint/style/noProcessEnv: it is what is looked at
    expect(process.env.NEXTAUTH_URL).toBe(WHOLE.NEXTAUTH_URL);
  });

  it('that needs one secret reads no other', async () => {
    const path = join(folder, 'database');
    writeFileSync(path, 'postgresql://from/a-file\n');
    vi.stubEnv('DATABASE_URL', '');
    vi.stubEnv('DATABASE_URL_FILE', path);
    vi.stubEnv('REDIS_URL_FILE', join(folder, 'none'));
    expect(await readSecret('DATABASE_URL')).toBe('postgresql://from/a-file');
    await expect(readEnv()).rejects.toThrow(EnvError);
  });
});
