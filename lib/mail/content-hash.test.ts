import { describe, expect, test } from 'vitest';
import { contentHash, type ReadableContent } from './content-hash.ts';

const content: ReadableContent = {
  internetMessageId: '<1@mobile.invalid>',
  subject: 'SMS with Ben',
  fromAddress: 'ben@contoso.com',
  toAddresses: ['anna@contoso.com', 'cem@contoso.com'],
  sentAt: new Date('2026-11-20T10:00:00.250Z'),
  text: 'one\r\ntwo',
  attachments: [
    { name: 'a.jpg', sha256: 'aa' },
    { name: 'b.jpg', sha256: 'bb' },
  ],
};

describe('contentHash', () => {
  test('is the same for what Exchange may give back otherwise', () => {
    const asRead: ReadableContent = {
      ...content,
      fromAddress: 'Ben@Contoso.com',
      toAddresses: [...content.toAddresses].reverse(),
      sentAt: new Date('2026-11-20T10:00:00Z'),
      text: 'one\ntwo\r\n',
      attachments: [...content.attachments].reverse(),
    };
    expect(contentHash(asRead)).toBe(contentHash(content));
  });

  const changes: Partial<ReadableContent>[] = [
    { internetMessageId: '<2@mobile.invalid>' },
    { subject: 'SMS with Cem' },
    { fromAddress: 'cem@contoso.com' },
    { toAddresses: ['anna@contoso.com'] },
    { sentAt: new Date('2026-11-20T10:00:01Z') },
    { text: 'one\ntwo!' },
    { text: null },
    { attachments: [{ name: 'a.jpg', sha256: 'aa' }] },
    { attachments: content.attachments.map(({ name }) => ({ name, sha256: 'aa' })) },
  ];
  test.each(changes)('is another for %o', (change) => {
    expect(contentHash({ ...content, ...change })).not.toBe(contentHash(content));
  });
});
