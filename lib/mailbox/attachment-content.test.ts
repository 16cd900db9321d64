/** The content out of an attachment's JSON, in whatever pieces it comes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AttachmentContent, NoContentError } from './attachment-content.ts';

/** Reads `json` in pieces that end at `cuts`. */
function contentOf(json: string | Buffer, cuts: readonly number[] = []): Buffer {
  const bytes = Buffer.from(json);
  const taken: Buffer[] = [];
  const content = new AttachmentContent((piece) => taken.push(Buffer.from(piece)));
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    content.write(bytes.subarray(start, Math.min(cut, bytes.length)));
    start = Math.min(cut, bytes.length);
  }
  content.write(bytes.subarray(start));
  content.end();
  return Buffer.concat(taken);
}

const attachment = (content: Buffer, traits: object = {}) =>
  JSON.stringify({
    '@odata.context': 'https://graph.example/v1.0/$metadata#x',
    id: 'AAMk=',
    ...traits,
    contentBytes: content.toString('base64'),
  });

describe('any content', () => {
  test('comes out as it went in, wherever the pieces end and whatever stands beside it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.string({ unit: 'binary' }),
        fc.jsonValue(),
        fc.array(fc.nat({ max: 900 }), { maxLength: 12 }),
        (bytes, name, beside, cuts) => {
          const content = Buffer.from(bytes);
          const json = attachment(content, {
            name,
            beside,
            nested: { contentBytes: 'AAAA', list: [{ contentBytes: '' }] },
          });
          expect(contentOf(json, cuts)).toEqual(content);
          // As the framework of the service may write it.
          const escaped = json.replaceAll('+', '\\u002B').replaceAll('/', '\\/');
          expect(contentOf(escaped, cuts)).toEqual(content);
        },
      ),
    );
  });

  test('is found although a name says what the property is called', () => {
    const json = attachment(Buffer.from('right'), { name: '"contentBytes":"d3Jvbmc="', contentType: 'contentBytes' });
    expect(contentOf(json).toString()).toBe('right');
  });
});

describe('what is no whole attachment', () => {
  const whole = attachment(Buffer.from('some content'));
  test.each([
    ['breaks off', whole.slice(0, -10)],
    ['breaks off behind the content', whole.slice(0, -1)],
    ['has none', '{"id":"1"}'],
    ['has it deeper only', '{"item":{"contentBytes":"AAAA"}}'],
    ['is empty', ''],
    ['has null', '{"contentBytes":null}'],
    ['is no base64', '{"contentBytes":"A*AA"}'],
    ['ends within a group', '{"contentBytes":"AAAAA"}'],
  ])('%s, and is refused', (_, json) => {
    expect(() => contentOf(json)).toThrow(NoContentError);
  });
});

test('150 MB pass in pieces without being held', () => {
  const MB = 1024 * 1024;
  const piece = Buffer.alloc(MB, Buffer.from('QUJD'));
  let bytes = 0;
  let largest = 0;
  const content = new AttachmentContent((part) => {
    bytes += part.byteLength;
    largest = Math.max(largest, part.byteLength);
  });
  content.write(Buffer.from('{"contentBytes":"'));
  for (let sent = 0; sent < 200; sent++) content.write(piece);
  content.write(Buffer.from('"}'));
  content.end();
  expect(bytes).toBe(150 * MB);
  expect(largest).toBeLessThanOrEqual(MB);
});
