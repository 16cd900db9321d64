import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttachmentNames, cleanContentType } from './attachment-names.ts';
import { CREATE_LIMIT_BYTES, type NamedAttachment, routeAttachments, SESSION_FROM_BYTES } from './attachments.ts';

describe('AttachmentNames', () => {
  test.each([
    ['photo.jpg', 'photo.jpg'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\temp\\a.txt', 'C_temp_a.txt'],
    ['a\r\nb.txt', 'a b.txt'],
    ['invoice\u202Efdp.exe', 'invoice fdp.exe'],
    ['report. ', 'report'],
    ['.htaccess', '.htaccess'],
    ['日本.png', '日本.png'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1 .log', '_com1.log'],
    ['LPT\u00b9.doc', '_LPT\u00b9.doc'],
    ['console.log', 'console.log'],
    ['', 'attachment-3.bin'],
    [' / ', 'attachment-3.bin'],
    ['...', 'attachment-3.bin'],
  ])('"%s" becomes "%s"', (name, expected) => {
    expect(new AttachmentNames().give(name, 'application/x-unknown', 3)).toBe(expected);
  });

  test('a nameless part gets the extension of its type', () => {
    expect(new AttachmentNames().give('', 'image/jpeg', 1)).toBe('attachment-1.jpg');
  });

  test('names are distinct in any case, and keep their extension when they are cut', () => {
    const names = new AttachmentNames();
    expect(names.give('a.jpg', '', 1)).toBe('a.jpg');
    expect(names.give('A.JPG', '', 2)).toBe('A (2).JPG');
    expect(names.give('a.jpg', '', 3)).toBe('a (3).jpg');
    const long = names.give(`${'x'.repeat(500)}.jpeg`, '', 4);
    expect(long).toMatch(/…\.jpeg$/);
    expect(long.length).toBeLessThanOrEqual(150);
  });

  test('whatever they are called, all are different and none holds a separator or control', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 30 }), (wanted) => {
        const names = new AttachmentNames();
        const given = wanted.map((name, i) => names.give(name, 'text/plain', i + 1));
        expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(wanted.length);
        for (const name of given) expect(name).toMatch(/^[^\p{Cc}/\\:*?"<>|]+$/u);
      }),
    );
  });
});

test.each([
  ['image/JPEG; name="x"', 'image/jpeg'],
  ['text/x-vCard', 'text/x-vcard'],
  ['jpeg', 'application/octet-stream'],
  ['', 'application/octet-stream'],
  ['text/html\r\nx: y', 'application/octet-stream'],
])('the type "%s" becomes "%s"', (type, expected) => {
  expect(cleanContentType(type)).toBe(expected);
});

describe('routeAttachments', () => {
  const attachment = (contentType: string, size: number): NamedAttachment => ({
    ...{ id: `${contentType}-${size}`, name: 'n', contentType, size, sha256: 'f'.repeat(64), content: null },
  });

  test('small ones travel in the create, what finds no room alone, large ones by session', () => {
    const planned = routeAttachments(
      [
        attachment('audio/amr', 2_000_000),
        attachment('image/jpeg', 1_500_000),
        attachment('text/plain', 100),
        attachment('image/png', SESSION_FROM_BYTES),
        attachment('video/mp4', SESSION_FROM_BYTES - 1),
      ],
      CREATE_LIMIT_BYTES,
      true,
    );
    expect(planned.map(({ route, contentId }) => [route, contentId !== null])).toEqual([
      ['post', false],
      ['create', true],
      ['create', false],
      ['session', false],
      ['post', false],
    ]);
  });

  test('an image that is not in the create, or that mail clients do not show, is not shown', () => {
    const planned = routeAttachments(
      [attachment('image/jpeg', 1000), attachment('image/svg+xml', 10), attachment('image/heic', 10)],
      800,
      true,
    );
    expect(planned.map(({ contentId }) => contentId)).toEqual([null, null, null]);
  });
});
