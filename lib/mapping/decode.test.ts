import { describe, expect, test } from 'vitest';
import { decodePieces, detectEncoding } from './decode.ts';

const TEXT = 'ExternalUserId,O365UserMailbox\r\n+445204334324,zoë@company.com\r\n';

function utf16(text: string, order: 'le' | 'be', mark: boolean): Uint8Array {
  const bytes = Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le');
  return new Uint8Array(order === 'le' ? bytes : bytes.swap16());
}

async function decoded(bytes: Uint8Array): Promise<string> {
  const detected = await detectEncoding(bytes);
  if (!detected.ok) return `refused: ${detected.problem}`;
  return [...decodePieces(bytes, detected.encoding)].join('');
}

describe('every encoding that spreadsheets write gives the same text', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16 LE with a mark', utf16(TEXT, 'le', true)],
    ['UTF-16 BE with a mark', utf16(TEXT, 'be', true)],
    ['UTF-16 LE without', utf16(TEXT, 'le', false)],
    ['UTF-16 BE without', utf16(TEXT, 'be', false)],
    ['Windows-1252', Buffer.from(TEXT, 'latin1')],
  ])('%s', async (_, bytes) => {
    expect(await decoded(new Uint8Array(bytes))).toBe(TEXT);
  });

  test('the signs that Windows-1252 has and Latin-1 has not', async () => {
    expect(await decoded(new Uint8Array([0x80, 0x2c, 0x93, 0x61, 0x94]))).toBe('€,“a”');
  });

  test('characters that lie across pieces stay whole', async () => {
    const long = 'é電😀,'.repeat(100_000);
    expect(await decoded(Buffer.from(long))).toBe(long);
    expect(await decoded(utf16(long, 'le', true))).toBe(long);
  });
});

test('a file that is marked as UTF-8 is UTF-8, also where a character of it is broken', async () => {
  const broken = new Uint8Array([...Buffer.from('\uFEFFa,b\n'), 0xc3]);
  expect(await detectEncoding(broken)).toEqual({ ok: true, encoding: 'utf-8' });
  expect(await decoded(broken)).toBe('a,b\n\uFFFD');
});

test('the end-of-file mark of old programs makes no binary of a file', async () => {
  expect(await decoded(Buffer.from(`${TEXT}\x1a`))).toBe(`${TEXT}\x1a`);
});

describe('what is no text file is refused', () => {
  test.each([
    ['spreadsheet', [0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]],
    ['spreadsheet', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]],
    ['image', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]],
    ['image', [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]],
    ['image', [0x49, 0x49, 0x2a, 0x00, 0x08, 0x00]],
    ['image', [...Buffer.from('RIFF....WEBPVP8 ')]],
    ['image', [...Buffer.from('....ftypheic')]],
    ['binary', [...Buffer.from('%PDF-1.7\n')]],
    ['binary', [0x1f, 0x8b, 0x08, 0x08]],
    ['binary', [0x61, 0x2c, 0x00, 0x62, 0x0a]],
    ['binary', [0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01]],
  ])('%s', async (problem, bytes) => {
    expect(await decoded(new Uint8Array(bytes))).toBe(`refused: ${problem}`);
  });
});

test('what has to be looked at to its end lets others have their turn after every megabyte', async () => {
  let turns = 0;
  const turn = () => {
    turns += 1;
  };
  const long = Buffer.from('+12125550101,ann@company.com\n'.repeat(300_000));
  expect(await detectEncoding(long, turn)).toEqual({ ok: true, encoding: 'utf-8' });
  expect(turns).toBe(Math.floor(long.byteLength / 2 ** 20));
});
