import { describe, expect, it } from 'vitest';
import { alderByrne } from '../world/alder-byrne.ts';
import { grace, MAILBOX, startPages } from './pages.fixture.ts';

describe('every page', () => {
  it.each([
    '/',
    '/directory',
    '/mailboxes',
    MAILBOX,
    '/telemessage',
    '/telemessage/phones/%2B12125550101',
    '/faults',
    '/mailboxes/nobody',
  ])('%s says what it is not, and allows no script', async (url) => {
    const { get } = await startPages();
    const { body, headers } = await get(url);
    expect(body).toContain('Sandbox: this is not Microsoft 365, nor TeleMessage.');
    expect(body).toMatch(/<h1>[^<]+<\/h1>/);
    expect(body).not.toContain('<script');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; /);
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  it('is found or not', async () => {
    const { get } = await startPages();
    for (const url of [
      '/mailboxes/nobody',
      `${MAILBOX}/messages/AAkALg`,
      `${MAILBOX}/messages/x/body`,
      `${MAILBOX}/messages/x/attachments/y`,
      '/telemessage/phones/5',
    ]) {
      expect((await get(url)).status, url).toBe(404);
    }
  });
});

describe('forms', () => {
  it('sent by another site’s page are refused', async () => {
    const { post, parts } = await startPages();
    parts.consents.grant(alderByrne.id, ['User.Read.All']);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      expect((await post(`/directory/${alderByrne.id}/revoke-consent`, {}, headers)).status).toBe(403);
    }
    expect(parts.consents.granted(alderByrne.id)).toEqual(['User.Read.All']);
    expect(
      (
        await post(
          '/faults/clear',
          {},
          { origin: 'http://localhost:4000', host: 'localhost:4000', 'sec-fetch-site': 'same-origin' },
        )
      ).status,
    ).toBe(303);
  });
});

describe('what is sent twice', () => {
  it.each([
    [`${MAILBOX}?folder=Inbox&folder=Drafts&page=1&page=2`, '<h2 id="folder">Inbox</h2>'],
    [`/directory/people/${grace.id}?saved=1&saved=2`, 'Saved.'],
    [`/directory/${alderByrne.id}/consent?saved=1&saved=2`, 'Saved.'],
    ['/telemessage?kind=o2-network&kind=nonsense', 'Registered users of O2 Network'],
    ['/telemessage/phones/%2B12125550101?kind=o2-network&kind=nonsense', 'O2 Network, latest first'],
  ])('counts the first time in %s', async (url, shown) => {
    const { get } = await startPages();
    const { status, body } = await get(url);
    expect([status, body]).toEqual([200, expect.stringContaining(shown)]);
  });

  it('counts the first time in a form', async () => {
    const { app, parts } = await startPages();
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/faults',
      payload: 'service=graph&service=entra&route=GET+*&kind=expire&kind=refuse',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(statusCode).toBe(303);
    expect(parts.faults.rules()).toMatchObject([{ service: 'graph', fault: { kind: 'expire' } }]);
  });
});
