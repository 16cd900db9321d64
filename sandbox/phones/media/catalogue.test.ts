import { createHash } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ContentKind, contentOf, formatOf, recordingSeconds } from './catalogue.ts';
import { encodePng } from './png.ts';

const kinds: readonly ContentKind[] = ['photo', 'chart', 'voice', 'recording', 'pdf', 'vcard', 'video'];

function whole(kind: ContentKind, variant: number): Buffer {
  const content = contentOf(kind, variant);
  return Buffer.concat([...content.read(0, content.size)]);
}

describe.each(kinds)('%s', (kind) => {
  it('has the size and hash that it says', () => {
    const bytes = whole(kind, 1);
    const content = contentOf(kind, 1);
    expect(bytes.byteLength).toBe(content.size);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(content.sha256);
  });

  it('reads the same from any place', () => {
    const bytes = whole(kind, 0);
    const [start, end] = [Math.floor(bytes.byteLength / 3), Math.floor(bytes.byteLength / 3) * 2 + 1];
    expect(Buffer.concat([...contentOf(kind, 0).read(start, end)]).equals(bytes.subarray(start, end))).toBe(true);
  });
});

/** Every chunk of a PNG with its checksum verified. */
function chunksOf(png: Buffer): { name: string; data: Buffer }[] {
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const chunks: { name: string; data: Buffer }[] = [];
  for (let at = 8; at < png.byteLength; ) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(named));
    chunks.push({ name: named.toString('latin1', 0, 4), data: named.subarray(4) });
    at += length + 12;
  }
  return chunks;
}

describe('PNG', () => {
  it('gives back the pixels that were put in', () => {
    const pixels = Uint8Array.from([0, 1, 2, 2, 1, 0]);
    const chunks = chunksOf(
      encodePng(
        3,
        2,
        [
          [0, 0, 0],
          [255, 0, 0],
          [0, 0, 255],
        ],
        pixels,
      ),
    );
    expect(chunks.map((one) => one.name)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
    expect([...(chunks[1]?.data ?? [])]).toEqual([0, 0, 0, 255, 0, 0, 0, 0, 255]);
    expect([...inflateSync(chunks[2]?.data ?? Buffer.alloc(0))]).toEqual([0, 0, 1, 2, 0, 2, 1, 0]);
  });

  it.each(Array.from({ length: formatOf('chart').variants }, (_, at) => at))('chart %i holds together', (variant) => {
    const [header, palette, data] = chunksOf(whole('chart', variant));
    const rows = inflateSync(data?.data ?? Buffer.alloc(0));
    const [width, height] = [header?.data.readUInt32BE(0) ?? 0, header?.data.readUInt32BE(4) ?? 0];
    expect(rows.byteLength).toBe((width + 1) * height);
    const colours = (palette?.data.byteLength ?? 0) / 3;
    expect(rows.every((index) => index < colours)).toBe(true);
  });
});

describe('WAV', () => {
  it('says how long it is', () => {
    for (const variant of [0, 7, 19]) {
      const file = whole('recording', variant);
      expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
      expect(file.readUInt32LE(4)).toBe(file.byteLength - 8);
      expect(file.readUInt32LE(40)).toBe(file.byteLength - 44);
      expect(file.readUInt32LE(40) / file.readUInt32LE(28)).toBe(recordingSeconds(variant));
    }
  });
});

describe('JPEG', () => {
  it('is a chain of segments from start to end, without a marker inside its data', () => {
    const file = whole('photo', 2);
    const markers: number[] = [];
    let at = 2;
    for (; file[at + 1] !== 0xda; at += 2 + file.readUInt16BE(at + 2)) {
      expect(file[at]).toBe(0xff);
      markers.push(file[at + 1] ?? 0);
    }
    expect(markers).toEqual([0xe0, 0xdb, 0xc0, 0xc4, 0xc4]);
    const data = file.subarray(at + 2 + file.readUInt16BE(at + 2), -2);
    for (let byte = 0; byte < data.byteLength; byte += 1) if (data[byte] === 0xff) expect(data[byte + 1]).toBe(0);
    expect(file.subarray(-2).toString('hex')).toBe('ffd9');
  });
});

describe('PDF', () => {
  it('has a cross-reference table that points at its objects', () => {
    const file = whole('pdf', 3).toString('latin1');
    const table = Number(/startxref\n(\d+)\n/.exec(file)?.[1]);
    expect(file.slice(table, table + 4)).toBe('xref');
    const offsets = [...file.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((row) => Number(row[1]));
    for (const [at, offset] of offsets.entries()) {
      expect(file.slice(offset)).toMatch(new RegExp(`^${at + 1} 0 obj\n`));
    }
    expect(offsets).toHaveLength(5);
  });
});

/** The boxes of an MP4 file by their path, `moov/trak/…`; the contents of those that hold no others. */
function boxesOf(bytes: Buffer, path = '', offset = 0): Map<string, { at: number; content: Buffer }> {
  const found = new Map<string, { at: number; content: Buffer }>();
  for (let at = 0; at < bytes.byteLength; ) {
    const [length, name] = [bytes.readUInt32BE(at), `${path}${bytes.toString('latin1', at + 4, at + 8)}`];
    expect(length).toBeGreaterThanOrEqual(8);
    const content = bytes.subarray(at + 8, at + length);
    if (/(moov|trak|mdia|minf|stbl)$/.test(name)) {
      for (const [inner, one] of boxesOf(content, `${name}/`, offset + at + 8)) found.set(inner, one);
    } else found.set(name, { at: offset + at + 8, content });
    at += length;
  }
  return found;
}

describe('a video', () => {
  it('is larger than what travels inline, and small enough to attach', () => {
    for (let variant = 0; variant < 3; variant += 1) {
      expect(contentOf('video', variant).size).toBeGreaterThan(11_000_000);
      expect(contentOf('video', variant).size).toBeLessThan(19_000_000);
    }
  });

  it('has its pictures where its tables say, each one of its own', () => {
    const boxes = boxesOf(whole('video', 1));
    const table = (name: string): Buffer => boxes.get(`moov/trak/mdia/minf/stbl/${name}`)?.content ?? Buffer.alloc(0);
    const [bytes, count] = [table('stsz').readUInt32BE(4), table('stsz').readUInt32BE(8)];
    const data = boxes.get('mdat');
    expect(table('stco').readUInt32BE(8)).toBe(data?.at);
    expect(data?.content.byteLength).toBe(bytes * count);
    expect(table('stts').readUInt32BE(8)).toBe(count);
    const pictures = Array.from({ length: count }, (_, at) => data?.content.subarray(at * bytes, (at + 1) * bytes));
    for (const [at, one] of pictures.entries()) {
      expect(one?.readUInt32BE(0)).toBe(bytes - 4);
      // an IDR picture, in which nothing looks like the beginning of a NAL unit
      expect(one?.[4]).toBe(0x65);
      expect(one?.indexOf(Buffer.from([0, 0]), 4)).toBe(-1);
      // the sun moves; every other picture has the same header
      expect(one?.equals(pictures[at - 2] ?? Buffer.alloc(0))).toBe(false);
    }
  });
});
