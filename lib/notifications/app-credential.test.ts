import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serverTls } from '#sandbox/tls.ts';
import { appCredentialEnds } from './app-credential.ts';

it('reads a certificate’s own end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const now = new Date();
  await serverTls(folder, now);
  const certificate = { ENTRA_CLIENT_CERTIFICATE: join(folder, 'server.pem') };
  const ends = appCredentialEnds({ ...certificate, ENTRA_CLIENT_SECRET_EXPIRES: '2099-01-01' });
  expect(Math.round(((ends?.getTime() ?? 0) - now.getTime()) / 86_400_000)).toBe(365);
  // People sign in with the secret, also where the app has a certificate.
  const earlier = appCredentialEnds({ ...certificate, ENTRA_CLIENT_SECRET_EXPIRES: '2020-01-01' });
  expect(earlier).toEqual(new Date('2020-01-01'));
});

it('takes the day that the operator wrote down for a secret, and knows nothing otherwise', () => {
  const secret = { ENTRA_CLIENT_CERTIFICATE: undefined };
  expect(appCredentialEnds({ ...secret, ENTRA_CLIENT_SECRET_EXPIRES: '2027-05-31' })).toEqual(new Date('2027-05-31'));
  expect(appCredentialEnds({ ...secret, ENTRA_CLIENT_SECRET_EXPIRES: undefined })).toBeNull();
  expect(
    appCredentialEnds({ ENTRA_CLIENT_CERTIFICATE: '/nowhere.pem', ENTRA_CLIENT_SECRET_EXPIRES: undefined }),
  ).toBeNull();
});
