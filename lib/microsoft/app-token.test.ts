import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, importX509, jwtVerify } from 'jose';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { certificateCredential, createAppTokens } from './app-token.ts';
import { microsoftHosts } from './clouds.ts';
import type { Transport } from './transport.ts';

const AUTHORITY = 'https://login.example';
const TENANT = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';

test('a certificate proves the application by an assertion that its key signed', async () => {
  const made = await generate([{ name: 'commonName', value: 'portal' }], { keySize: 2048, algorithm: 'sha256' });
  let sent = new URLSearchParams();
  const transport: Transport = async (url, wire) => {
    if (wire.method === 'POST') sent = new URLSearchParams(String(wire.body));
    const answer = url.includes('.well-known')
      ? {
          issuer: `${AUTHORITY}/${TENANT}/v2.0`,
          authorization_endpoint: `${AUTHORITY}/${TENANT}/oauth2/v2.0/authorize`,
          token_endpoint: `${AUTHORITY}/${TENANT}/oauth2/v2.0/token`,
          jwks_uri: `${AUTHORITY}/${TENANT}/discovery/v2.0/keys`,
        }
      : { token_type: 'Bearer', expires_in: 3599, access_token: 'opaque' };
    return { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(answer) };
  };
  const tokens = createAppTokens({
    hosts: microsoftHosts('public', { authority: AUTHORITY }),
    clientId: 'client',
    credential: certificateCredential(`${made.cert}\n${made.private}`),
    transport,
  });

  // a token that cannot be read has no roles: Microsoft may change its format at any time
  expect(await tokens.token(TENANT)).toEqual({ accessToken: 'opaque', roles: [], tenantId: null, objectId: null });
  expect(sent.get('client_secret')).toBeNull();
  const assertion = sent.get('client_assertion') ?? '';
  const header = decodeProtectedHeader(assertion);
  const algorithm = header.alg ?? '';
  const { payload } = await jwtVerify(assertion, await importX509(made.cert, algorithm), { clockTolerance: 5 });
  expect(payload).toMatchObject({ iss: 'client', sub: 'client', aud: `${AUTHORITY}/${TENANT}/oauth2/v2.0/token` });
  const thumbprint = new X509Certificate(made.cert).fingerprint256.replaceAll(':', '');
  expect(header['x5t#S256']).toBe(Buffer.from(thumbprint, 'hex').toString('base64url'));
});

test.each(['', '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----'])(
  'a file without both parts is refused',
  (pem) => {
    expect(() => certificateCredential(pem)).toThrow(RangeError);
  },
);
