/**
 * JPEG images: a baseline encoder after ITU-T T.81 with the quantization and Huffman tables of its annex K, three
 * components without subsampling. Small rather than fast: the sandbox draws a handful of photographs.
 */

/** Colour of a pixel as red, green, blue, 0 to 255. */
export type PixelSource = (x: number, y: number) => readonly [number, number, number];

const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
] as const;

/** table K.1, luminance, in natural order */
const QUANTIZATION = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
] as const;

interface HuffmanTable {
  /** number of codes of each length, 1 to 16 */
  readonly lengths: readonly number[];
  readonly values: readonly number[];
}

/** table K.3 */
const DC: HuffmanTable = {
  lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/** table K.5 */
const AC: HuffmanTable = {
  lengths: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
  values: [
    ...Buffer.from(
      '010203000411051221314106135161072271143281' +
        '91a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a' +
        '636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2' +
        'c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
      'hex',
    ),
  ],
};

/** Encodes `width` × `height` pixels (each rounded up to whole blocks of 8 inside), a row of blocks a step. */
export function* encodeJpeg(width: number, height: number, pixel: PixelSource): Generator<void, Buffer> {
  const bits = bitWriter();
  const dc = codesOf(DC);
  const ac = codesOf(AC);
  const previous = [0, 0, 0];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const block = blockOf(left, top, width, height, pixel);
      for (let component = 0; component < 3; component += 1) {
        const coefficients = quantized(transformed(block[component] ?? []));
        const level = coefficients[0] ?? 0;
        writeDc(bits, dc, level - (previous[component] ?? 0));
        previous[component] = level;
        writeAc(bits, ac, coefficients);
      }
    }
    yield;
  }
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...ZIGZAG.map((at) => QUANTIZATION[at] ?? 1)]),
    segment(0xc0, frame),
    segment(0xc4, [0x00, ...DC.lengths, ...DC.values]),
    segment(0xc4, [0x10, ...AC.lengths, ...AC.values]),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    bits.end(),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, data: readonly number[]): Buffer {
  const length = data.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...data]);
}

/** Y, Cb and Cr of a block of 8 × 8, shifted around zero. Pixels outside the image repeat its edge. */
function blockOf(left: number, top: number, width: number, height: number, pixel: PixelSource): readonly number[][] {
  const [y, cb, cr]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < 64; at += 1) {
    const [r, g, b] = pixel(Math.min(width - 1, left + (at % 8)), Math.min(height - 1, top + (at >> 3)));
    y.push(0.299 * r + 0.587 * g + 0.114 * b - 128);
    cb.push(-0.168736 * r - 0.331264 * g + 0.5 * b);
    cr.push(0.5 * r - 0.418688 * g - 0.081312 * b);
  }
  return [y, cb, cr];
}

const COSINES = Array.from({ length: 64 }, (_, at) => {
  const [frequency, place] = [at >> 3, at % 8];
  return (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16);
});

/** The two-dimensional DCT as two passes of the one-dimensional. */
function transformed(block: readonly number[]): number[] {
  const pass = (input: readonly number[]): number[] => {
    const output = new Array<number>(64).fill(0);
    for (let row = 0; row < 8; row += 1) {
      for (let frequency = 0; frequency < 8; frequency += 1) {
        let sum = 0;
        for (let at = 0; at < 8; at += 1) sum += (input[row * 8 + at] ?? 0) * (COSINES[frequency * 8 + at] ?? 0);
        // written transposed, so that the second pass runs over the columns
        output[frequency * 8 + row] = sum;
      }
    }
    return output;
  };
  return pass(pass(block));
}

function quantized(coefficients: readonly number[]): number[] {
  return ZIGZAG.map((at) => Math.round((coefficients[at] ?? 0) / (QUANTIZATION[at] ?? 1)));
}

type Codes = ReadonlyMap<number, readonly [code: number, length: number]>;

function codesOf(table: HuffmanTable): Codes {
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let next = 0;
  table.lengths.forEach((count, index) => {
    for (let one = 0; one < count; one += 1) {
      codes.set(table.values[next] ?? 0, [code, index + 1]);
      next += 1;
      code += 1;
    }
    code <<= 1;
  });
  return codes;
}

interface BitWriter {
  write(value: number, length: number): void;
  end(): Buffer;
}

function bitWriter(): BitWriter {
  const bytes: number[] = [];
  let held = 0;
  let count = 0;
  const write = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      held = (held << 1) | ((value >> bit) & 1);
      count += 1;
      if (count === 8) {
        bytes.push(held);
        // a byte of ones inside the data is followed by a zero, or it would be read as a marker
        if (held === 0xff) bytes.push(0);
        held = 0;
        count = 0;
      }
    }
  };
  return {
    write,
    end: () => {
      if (count > 0) write(0x7f, 8 - count);
      return Buffer.from(bytes);
    },
  };
}

const sizeOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

function writeValue(bits: BitWriter, value: number, size: number): void {
  bits.write(value < 0 ? value + (1 << size) - 1 : value, size);
}

function writeDc(bits: BitWriter, codes: Codes, difference: number): void {
  const size = sizeOf(difference);
  bits.write(...(codes.get(size) ?? [0, 0]));
  writeValue(bits, difference, size);
}

function writeAc(bits: BitWriter, codes: Codes, coefficients: readonly number[]): void {
  let zeros = 0;
  for (let at = 1; at < 64; at += 1) {
    const value = coefficients[at] ?? 0;
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.write(...(codes.get(0xf0) ?? [0, 0]));
    const size = sizeOf(value);
    bits.write(...(codes.get((zeros << 4) | size) ?? [0, 0]));
    writeValue(bits, value, size);
    zeros = 0;
  }
  if (zeros > 0) bits.write(...(codes.get(0) ?? [0, 0]));
}
