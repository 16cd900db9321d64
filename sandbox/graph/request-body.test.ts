import { describe, expect, it } from 'vitest';
import { bodyInBatch, MimeContent, readBody } from './request-body.ts';

const post = (contentType: string | undefined, segments = ['users', 'x', 'messages']) => ({
  method: 'POST',
  segments,
  contentType,
});
const json = (text: string | Buffer) => readBody(post('application/json'), Buffer.from(text));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('the body of a request', () => {
  it('is JSON, with or without a byte order mark and a charset', () => {
    expect(json('{"a":1}')).toEqual({ a: 1 });
    expect(json('\uFEFF{"a":1}')).toEqual({ a: 1 });
    expect(readBody(post('Application/JSON; charset="UTF-8"'), Buffer.from('1'))).toBe(1);
    expect(json('')).toBeUndefined();
  });

  it.each(['{', '{"a":1,}', 'undefined', nested(102), nested(200_000)])(
    '%.20s is no JSON that is read: 400',
    (text) => {
      expect(() => json(text)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );

  it('may nest as deep as the service reads', () => {
    expect(json(nested(100))).toBeDefined();
  });

  it.each([
    ['application/json; charset=utf-16', undefined],
    ['application/xml', undefined],
    ['', undefined],
    [undefined, undefined],
    ['application/json', 'gzip'],
  ])('of type %j and encoding %j is refused: 415', (type, contentEncoding) => {
    expect(() => readBody({ ...post(type), contentEncoding }, Buffer.from('{}'))).toThrow(
      expect.objectContaining({ status: 415 }),
    );
  });

  it('is MIME only where a message is created', () => {
    expect(readBody(post('text/plain'), Buffer.from('eA=='))).toEqual(new MimeContent('eA=='));
    expect(bodyInBatch(post('text/plain'), 'eA==')).toEqual(new MimeContent('eA=='));
    expect(bodyInBatch(post('application/json'), 'eA==')).toBe('eA==');
    expect(() => readBody(post('text/plain', ['users', 'x', 'mailFolders']), Buffer.from('eA=='))).toThrow(
      expect.objectContaining({ status: 415 }),
    );
  });
});
