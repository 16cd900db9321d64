import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachmentId,
  folderId,
  immutableMessageId,
  parseAttachmentId,
  parseFolderId,
  parseMessageId,
  regularMessageId,
} from './ids.ts';

const seq = fc.maxSafeNat();

describe('ids', () => {
  it('say what they were made of', () => {
    fc.assert(
      fc.property(seq, seq, (one, other) => {
        expect(parseFolderId(folderId(one))).toBe(one);
        expect(parseMessageId(immutableMessageId(one))).toEqual({ message: one, folder: undefined });
        expect(parseMessageId(regularMessageId(one, other))).toEqual({ message: one, folder: other });
        expect(parseAttachmentId(attachmentId(one, other))).toEqual({ message: one, attachment: other });
      }),
    );
  });

  it.each<[string, string, (id: string) => unknown]>([
    ['a folder', folderId(7), parseFolderId],
    ['a message', immutableMessageId(7), parseMessageId],
    ['a message in its folder', regularMessageId(7, 3), parseMessageId],
    ['an attachment', attachmentId(7, 3), parseAttachmentId],
  ])('of %s are one for each: with anything added, lost or changed they never name it', (_, id, parse) => {
    expect(parse(`${id}A`)).toBeUndefined();
    const last = id.at(-1) ?? '';
    const next = String.fromCharCode(last.charCodeAt(0) + 1);
    for (const damaged of [
      `${id}!!`,
      `${id}==`,
      `${id} `,
      ` ${id}`,
      id.slice(0, -1),
      id.slice(0, -1) + next,
      `${id}A`,
    ]) {
      expect(parse(damaged), damaged).not.toEqual(parse(id));
    }
  });

  it('are malformed with a number that none of them can have', () => {
    const bytes = Buffer.from(folderId(0).slice('AQMkAD'.length), 'base64url');
    bytes.writeBigUInt64BE(2n ** 64n - 1n, 2);
    expect(parseFolderId(`AQMkAD${bytes.toString('base64url')}`)).toBeUndefined();
  });
});
