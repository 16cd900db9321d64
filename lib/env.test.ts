import { expect, it } from 'vitest';
import { EnvError, parseEnv } from './env.ts';

const id = '00000000-0000-4000-8000-000000000000';
const WHOLE = {
  DATABASE_URL: 'postgresql://x/y',
  REDIS_URL: 'redis://x',
  AZURE_STORAGE_CONNECTION_STRING: 'x',
  TELEMESSAGE_URL: 'https://archive.example',
  ENTRA_CLIENT_ID: id,
  ENTRA_CLIENT_SECRET: 'x',
  ORGANIZATIONS: id,
  NEXTAUTH_URL: 'https://portal.example',
  NEXTAUTH_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEYS: 'x',
  AUDIT_KEYS: 'x',
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
])('refuses %o', (wrong) => {
  expect(() => parseEnv({ ...WHOLE, ...wrong })).toThrow(EnvError);
});
