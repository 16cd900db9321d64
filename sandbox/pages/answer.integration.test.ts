import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

async function page(path: string, init: RequestInit = {}) {
  const response = await fetch(`${sandbox.urls.http}${path}`, init);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; /);
  const body = await response.text();
  expect(body).toContain('Sandbox: this is not Microsoft 365, nor TeleMessage.');
  return { status: response.status, title: /<h1>([^<]+)<\/h1>/.exec(body)?.[1], body };
}

describe('what the browser’s listener cannot serve', () => {
  it.each([
    '/nothing',
    '/directory/nobody/at/all',
    `/${alderByrne.id}/oauth3/v2.0/authorize`,
    '/directory/people/nobody',
  ])('%s is not found, in a page', async (path) => {
    expect(await page(path)).toMatchObject({ status: 404, title: 'We can’t find this page' });
  });

  it('is refused in a page when it cannot be read', async () => {
    expect(await page('/%zz')).toMatchObject({ status: 400, title: 'We can’t understand this request' });
    const xml = { method: 'POST', headers: { 'content-type': 'application/xml' }, body: '<x/>' };
    expect(await page('/faults', xml)).toMatchObject({ status: 415, title: 'We can’t understand this request' });
    expect((await page(`/${alderByrne.id}/v2.0/adminconsent`, xml)).status).toBe(415);
  });

  it('fails in a page, and goes on', async () => {
    const broken = vi.spyOn(sandbox.parts.consents, 'granted').mockImplementation(() => {
      throw new Error('a <broken> consent');
    });
    const { status, title, body } = await page('/directory');
    broken.mockRestore();
    expect([status, title]).toEqual([500, 'The sandbox failed']);
    expect(body).toContain('a &lt;broken&gt; consent');
    expect((await page('/directory')).status).toBe(200);
  });
});
