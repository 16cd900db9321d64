import { expect, it } from 'vitest';
import { links, startPages } from './pages.fixture.ts';

const CRLF = '\r\n';

it('shows the HTML of a mail in a frame that may do nothing', async () => {
  const { get, outside } = await startPages();
  const raw = [
    'Subject: Import failed',
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Look</p><script>alert(1)</script>',
  ].join(CRLF);
  outside.takeMail({ from: 'a@x.example', to: ['b@x.example'], raw: Buffer.from(raw) });
  await expect.poll(async () => (await get('/sent')).body).toContain('Import failed');
  const { body } = await get('/sent');
  expect(body).not.toContain('alert(1)');
  const [frame = ''] = links(
    body,
    /<iframe class="body" title="HTML of the mail" sandbox="" loading="lazy" src="([^"]+)">/g,
  );
  const shown = await get(frame);
  expect(shown.body).toContain('<p>Look</p>');
  expect(shown.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
  expect((await get('/sent/mails/99/html')).status).toBe(404);
});
