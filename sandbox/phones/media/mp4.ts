/**
 * The head of an MP4 file (ISO/IEC 14496-12 and -15) with one track of H.264 pictures that are all of one size: all that
 * stands before the pictures.
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  /** macroblocks in a row, and rows of them */
  readonly across: number;
  readonly down: number;
}

const PICTURES_A_SECOND = 10;
/** units of a second in which the file counts */
const SCALE = 1_000;
const PROFILE = [0x42, 0xc0, 0x1f] as const;
/** 1 on the diagonal, as fixed point numbers */
const UNITY = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000] as const;

/** `ftyp`, `moov`, and the beginning of `mdat`, behind which `count` pictures of `bytes` bytes follow. */
export function videoFileHead(size: PictureSize, count: number, bytes: number): Buffer {
  const type = box('ftyp', Buffer.from('isom\0\0\x02\0isomavc1mp41', 'latin1'));
  const length = movie(size, count, bytes, 0).byteLength;
  const data = Buffer.alloc(8);
  data.writeUInt32BE(8 + count * bytes);
  data.write('mdat', 4, 'latin1');
  return Buffer.concat([type, movie(size, count, bytes, type.byteLength + length + 8), data]);
}

function movie(size: PictureSize, count: number, bytes: number, offset: number): Buffer {
  const duration = (count * SCALE) / PICTURES_A_SECOND;
  const tables = [
    full('stsd', 0, u32(1), description(size)),
    full('stts', 0, u32(1, count, SCALE / PICTURES_A_SECOND)),
    full('stsc', 0, u32(1, 1, count, 1)),
    full('stsz', 0, u32(bytes, count)),
    full('stco', 0, u32(1, offset)),
  ];
  const media = box(
    'mdia',
    // und: the language is not known
    full('mdhd', 0, u32(0, 0, SCALE, duration), u16(0x55c4, 0)),
    full('hdlr', 0, u32(0), text('vide'), u32(0, 0, 0), text('video\0')),
    box(
      'minf',
      full('vmhd', 1, u16(0, 0, 0, 0)),
      box('dinf', full('dref', 0, u32(1), full('url ', 1))),
      box('stbl', ...tables),
    ),
  );
  const track = box(
    'trak',
    full(
      'tkhd',
      3,
      u32(0, 0, 1, 0, duration, 0, 0),
      u16(0, 0, 0, 0),
      u32(...UNITY, size.width << 16, size.height << 16),
    ),
    media,
  );
  const header = full(
    'mvhd',
    0,
    u32(0, 0, SCALE, duration, 0x10000),
    u16(0x100, 0),
    u32(0, 0, ...UNITY, 0, 0, 0, 0, 0, 0, 2),
  );
  return box('moov', header, track);
}

function description({ width, height, across, down }: PictureSize): Buffer {
  const sequence = Buffer.from([0x67, ...PROFILE, ...sequenceBits(across, down)]);
  const parameters = Buffer.from([0x68, 0xce, 0x3c, 0x80]);
  const configuration = box(
    'avcC',
    Buffer.from([1, ...PROFILE, 0xff, 0xe1]),
    u16(sequence.byteLength),
    sequence,
    Buffer.from([1]),
    u16(parameters.byteLength),
    parameters,
  );
  return box(
    'avc1',
    u16(0, 0, 0, 1),
    u32(0, 0, 0, 0),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    configuration,
  );
}

/** The rest of the sequence parameter set (H.264 7.3.2.1.1): pictures in the order in which they come, whole frames. */
function sequenceBits(across: number, down: number): Uint8Array {
  const bits = [
    golomb(0), // id
    golomb(0), // 4 bits for frame_num
    golomb(2), // pic_order_cnt_type
    golomb(1), // max_num_ref_frames
    '0',
    golomb(across - 1),
    golomb(down - 1),
    '1100', // frames only, direct_8x8_inference, no cropping, no VUI
    '1', // stop bit
  ].join('');
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  return Uint8Array.from({ length: whole.length / 8 }, (_, at) => Number.parseInt(whole.slice(at * 8, at * 8 + 8), 2));
}

/** Exp-Golomb code, unsigned (H.264 9.1), as binary digits. */
function golomb(value: number): string {
  const digits = (value + 1).toString(2);
  return '0'.repeat(digits.length - 1) + digits;
}

function box(name: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.byteLength), text(name), body]);
}

/** A box with a version (0) and flags. */
function full(name: string, flags: number, ...content: readonly Buffer[]): Buffer {
  return box(name, u32(flags), ...content);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
}
