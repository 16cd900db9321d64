import { describe, expect, test } from 'vitest';
import {
  adminConsentUrl,
  consentStateKey,
  nonceHash,
  parseConsentCallback,
  signConsentState,
  verifyConsentState,
} from './consent.ts';

const KEY = consentStateKey('a secret of at least thirty-two characters');
const STATE = {
  draftId: 'd5a4e7a6-9a9c-4d55-8d55-0d1a6b4b3c11',
  nonce: 'n'.repeat(22),
  expiresAt: new Date('2026-11-20T11:00:00Z'),
};
const NOW = new Date('2026-11-20T10:00:00Z');

test('the consent page lies at the browser’s origin, for one tenant', () => {
  const url = new URL(
    adminConsentUrl({
      authorizationEndpoint: 'http://localhost:4000/5f0d6a3e/oauth2/v2.0/authorize',
      tenantId: '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271',
      clientId: 'client',
      scope: 'https://graph.microsoft.com/.default',
      redirectUri: 'https://portal.example/api/consent/callback',
      state: 'a.b',
    }),
  );
  expect(`${url.origin}${url.pathname}`).toBe(
    'http://localhost:4000/5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271/v2.0/adminconsent',
  );
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'client',
    scope: 'https://graph.microsoft.com/.default',
    redirect_uri: 'https://portal.example/api/consent/callback',
    state: 'a.b',
  });
});

describe('state', () => {
  test('comes back as it was signed', () => {
    expect(verifyConsentState(signConsentState(STATE, KEY), KEY, NOW)).toEqual(STATE);
  });

  test('signed by another installation, it is forged', () => {
    const other = consentStateKey('another secret of at least thirty-two characters');
    expect(verifyConsentState(signConsentState(STATE, other), KEY, NOW)).toBe('forged');
  });

  test('any changed character makes it forged or malformed', () => {
    const signed = signConsentState(STATE, KEY);
    for (let index = 0; index < signed.length - 1; index += 1) {
      const changed = `${signed.slice(0, index)}${signed[index] === 'A' ? 'B' : 'A'}${signed.slice(index + 1)}`;
      expect(verifyConsentState(changed, KEY, NOW)).toBeTypeOf('string');
    }
  });

  test('is over at its end', () => {
    expect(verifyConsentState(signConsentState(STATE, KEY), KEY, STATE.expiresAt)).toBe('expired');
  });

  test.each(['', '.', 'a.b', 'a', `${'a'.repeat(5000)}.${'b'.repeat(43)}`, '💥.💥'])('%j is malformed', (text) => {
    expect(verifyConsentState(text, KEY, NOW)).toBe('malformed');
  });

  test('what is stored of a nonce does not make a state', () => {
    expect(Buffer.from(nonceHash(STATE.nonce)).toString('utf8')).not.toContain(STATE.nonce);
    expect(nonceHash(STATE.nonce)).toEqual(nonceHash(STATE.nonce));
  });
});

describe('parseConsentCallback', () => {
  test.each([
    ['admin_consent=True&tenant=t-1&state=s&scope=x', { kind: 'accepted', state: 's', tenant: 't-1' }],
    [
      'error=access_denied&error_description=AADSTS65004&state=s',
      { kind: 'declined', state: 's', error: 'access_denied' },
    ],
    [
      'error=invalid_client&error_description=AADSTS65004%3A+declined&state=s',
      { kind: 'declined', state: 's', error: 'invalid_client' },
    ],
    ['error=server_error&state=s', { kind: 'failed', state: 's', error: 'server_error' }],
    ['admin_consent=False&state=s', null],
    ['admin_consent=True', null],
    ['state=s', null],
    ['', null],
  ])('%s', (query, expected) => {
    expect(parseConsentCallback(new URLSearchParams(query))).toEqual(expected);
  });
});
