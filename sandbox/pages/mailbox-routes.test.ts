import { describe, expect, it } from 'vitest';
import { folderId } from '../graph/ids.ts';
import type { NewAttachment } from '../graph/new-message.ts';
import { grace, links, MAILBOX, NOW, startPages } from './pages.fixture.ts';

const file = (name: string, contentType: string, contentId: string | null = null): NewAttachment => ({
  name,
  contentType,
  content: Buffer.from(`bytes of ${name}`),
  isInline: contentId !== null,
  contentId,
});

describe('a mailbox', () => {
  it('shows the fullest folder, newest first, in pages', async () => {
    const { get, write } = await startPages();
    for (let at = 0; at < 53; at += 1) write({ subject: `Message ${at}`, received: NOW - at * 60_000 });
    const { body } = await get(MAILBOX);
    expect(body).toContain('<h2 id="folder">Android Archiver</h2>');
    expect(body).toContain('53 messages, 0 unread');
    expect(links(body, /class="subject">(Message \d+)</g)).toEqual(
      Array.from({ length: 50 }, (_, at) => `Message ${at}`),
    );
    const [older = ''] = links(body, /rel="next" href="([^"]+)"/g);
    expect(links((await get(older)).body, /class="subject">(Message \d+)</g)).toEqual([
      'Message 50',
      'Message 51',
      'Message 52',
    ]);
  });

  it('shows a folder by its name', async () => {
    const { get, write } = await startPages();
    write();
    expect((await get(`${MAILBOX}?folder=Inbox`)).body).toContain('This folder is empty.');
    expect((await get(`${MAILBOX}?folder=Android%20Archiver`)).body).toContain('SMS with Alice Porter');
  });

  it('is found by object id too, and counted', async () => {
    const { get, write } = await startPages();
    write();
    expect((await get(`/mailboxes/${grace.id}`)).body).toContain('SMS with Alice Porter');
    expect((await get('/mailboxes')).body).toContain('40 mailboxes, 1 message');
  });
});

describe('a message', () => {
  it('shows parties, times, class, text, headers and properties, all as text', async () => {
    const { get, write } = await startPages();
    const path = write({
      subject: '<i>Subject</i>',
      body: ' two  spaces\n& <b>no markup</b> 🙏',
      received: Date.UTC(2026, 10, 21, 6, 14, 9),
    });
    const { body } = await get(path);
    expect(body).toContain('<h1>&lt;i&gt;Subject&lt;/i&gt;</h1>');
    expect(body).toContain('<div class="body" dir="auto"> two  spaces\n&amp; &lt;b&gt;no markup&lt;/b&gt; 🙏</div>');
    for (const shown of [
      '14155550107@mobile.invalid',
      '2026-11-21 06:14:09 UTC',
      'IPM.ExternalData.AndroidArchiver',
      'Not a draft, read',
      'x-item-id',
      'item-1',
      '&lt;1@archive.example&gt;',
    ]) {
      expect(body).toContain(shown);
    }
  });

  it('is in nobody else’s mailbox', async () => {
    const { get, write } = await startPages();
    const path = write();
    expect((await get(path.replace('grace.adeyemi', 'lena.fischer'))).status).toBe(404);
  });

  it('shows HTML in a frame that may do nothing, with its own images', async () => {
    const { get, write } = await startPages();
    const path = write({
      bodyType: 'html',
      body: '<p>Look</p><img src="cid:a%40b"><img src=\'cid:missing\'><script>alert(1)</script>',
      attachments: [file('IMG_1.jpg', 'image/jpeg', 'a@b')],
    });
    const { body } = await get(path);
    expect(body).toContain(`<iframe class="body" title="Body of the message" sandbox="" src="${path}/body">`);
    expect(body).not.toContain('alert(1)');
    const frame = await get(`${path}/body`);
    expect(frame.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
    const [image = ''] = links(frame.body, /<img src="([^"]+)">/g);
    expect(image.startsWith(`${path}/attachments/`)).toBe(true);
    expect((await get(image)).body).toBe('bytes of IMG_1.jpg');
    expect(frame.body).toContain("<img src='cid:missing'>");
  });

  it('shows images, plays audio, and only ever downloads the rest', async () => {
    const { get, write } = await startPages();
    const path = write({
      attachments: [
        file('a.png', 'image/png'),
        file('b.wav', 'audio/wav'),
        file('c.html', 'text/html'),
        file('d.svg', 'image/svg+xml'),
        file('ü "x".pdf', 'application/pdf'),
      ],
    });
    const { body } = await get(path);
    expect(links(body, /<img src="([^"]+)"/g)).toHaveLength(1);
    expect(links(body, /<audio controls preload="none" src="([^"]+)"/g)).toHaveLength(1);
    const downloads = links(body, /<a href="([^"]+)\?download"/g);
    expect(downloads).toHaveLength(5);
    const types = await Promise.all(downloads.map(async (url) => (await get(url)).headers['content-type']));
    expect(types).toEqual([
      'image/png',
      'audio/wav',
      'application/octet-stream',
      'application/octet-stream',
      'application/octet-stream',
    ]);
    for (const url of downloads) {
      const { headers } = await get(`${url}?download`);
      expect(headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''[\w%.-]+$/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-type']).toBe('application/octet-stream');
    }
  });

  it('can be moved and deleted as its owner would', async () => {
    const { get, post, write, parts } = await startPages();
    const path = write();
    const inbox = parts.mailboxes.folders(grace.id).find((one) => one.displayName === 'Inbox')?.id ?? '';
    expect(await post(`${path}/move`, { folder: inbox })).toMatchObject({ status: 303, location: path });
    expect((await get(`${MAILBOX}?folder=Inbox`)).body).toContain('SMS with Alice Porter');
    expect((await post(`${path}/move`, { folder: 'nowhere' })).status).toBe(404);
  });

  it('is deleted as in Outlook: to Deleted Items, to the recoverable items, and by a purge for good', async () => {
    const { get, post, write } = await startPages();
    const path = write({ attachments: [file('a.png', 'image/png')] });
    const lies = async (): Promise<string> =>
      links((await get(path)).body, /<a href="[^"]*folder=[^"]*">([^<]+)<\/a><\/nav>/g)[0] ?? 'nowhere';
    const action = async (): Promise<string> => links((await get(path)).body, /action="[^"]+\/(delete|purge)"/g).join();
    expect([await lies(), await action()]).toEqual(['Android Archiver', 'delete']);
    expect((await post(`${path}/purge`)).status).toBe(404);
    expect((await post(`${path}/delete`)).status).toBe(303);
    expect([await lies(), await action()]).toEqual(['Deleted Items', 'delete']);
    expect((await post(`${path}/purge`)).status).toBe(404);
    await post(`${path}/delete`);
    expect([await lies(), await action()]).toEqual(['Recoverable items', 'purge']);
    expect((await post(`${path}/delete`)).status).toBe(404);
    const [attachment = ''] = links((await get(path)).body, /<img src="([^"]+)"/g);
    expect((await post(`${path}/purge`)).status).toBe(303);
    expect((await get(path)).status).toBe(404);
    expect((await get(attachment)).status).toBe(404);
    expect((await get(`${MAILBOX}?folder=Recoverable%20items`)).body).toContain('This folder is empty.');
  });

  it('below Deleted Items is as deleted as in it, and can be taken back', async () => {
    const { get, post, write, parts, store, mailbox } = await startPages();
    const below = store.folders.create(mailbox, store.folders.wellKnown(mailbox, 'deleteditems')?.seq ?? null, 'Old');
    write({ folder: below });
    const [message] = parts.mailboxes.messages(grace.id, folderId(below), { skip: 0, top: 1 });
    const own = `${MAILBOX}/messages/${message?.id}`;
    expect((await get(own)).body).toContain('Delete from Deleted Items');
    await post(`${own}/delete`);
    const inbox = parts.mailboxes.folders(grace.id).find((one) => one.displayName === 'Inbox')?.id ?? '';
    await post(`${own}/move`, { folder: inbox });
    expect((await get(own)).body).toContain('It goes to Deleted Items.');
  });
});
