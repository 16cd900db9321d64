/**
 * Videos that play: a sun over hills, ten pictures a second. H.264 allows pictures that are not compressed at all
 * (macroblocks of type I_PCM, ITU-T H.264 7.3.5), so no codec is needed, and a video is as large as what cannot travel
 * inline. It is never held as a whole: each picture follows from its number.
 */
import { Draw } from '../../random.ts';
import { videoFileHead } from './mp4.ts';

const ACROSS = 20;
const DOWN = 15;
const WIDTH = ACROSS * 16;
const HEIGHT = DOWN * 16;
/** samples of a macroblock: 16 x 16 of brightness, 8 x 8 each of the two colours */
const BLOCK = 384;
/** `mb_type` I_PCM (25) and the bits up to the next byte */
const BLOCK_HEAD = [0x0d, 0x00] as const;
/** NAL type of a picture on its own, slice header, first `mb_type`; two neighbours must differ in `idr_pic_id` */
const PICTURE_HEADS = [
  [0x65, 0x88, 0x84, 0xa0, 0xd0],
  [0x65, 0x88, 0x82, 0x28, 0x34],
] as const;
const FIRST_BLOCK = 4 + 5;
const NEXT_BLOCK = BLOCK_HEAD.length + BLOCK;
/** bytes of a picture, with its length in front and the stop bit at its end */
const PICTURE = FIRST_BLOCK + BLOCK + (ACROSS * DOWN - 1) * NEXT_BLOCK + 1;

/** Bytes of the whole file. */
export function videoSize(variant: number): number {
  return head(variant).byteLength + pictures(variant) * PICTURE;
}

/** Bytes of [start, end), in pieces of at most one picture (113 KiB). */
export function* readVideo(variant: number, start: number, end: number): Generator<Uint8Array> {
  const first = head(variant);
  const until = Math.min(end, videoSize(variant));
  let at = Math.max(0, start);
  if (at < Math.min(first.byteLength, until)) {
    yield first.subarray(at, Math.min(first.byteLength, until));
    at = first.byteLength;
  }
  while (at < until) {
    const number = Math.floor((at - first.byteLength) / PICTURE);
    const begin = first.byteLength + number * PICTURE;
    yield picture(variant, number).subarray(at - begin, until - begin);
    at = begin + PICTURE;
  }
}

function pictures(variant: number): number {
  return new Draw('video', variant).between(96, 163);
}

function head(variant: number): Buffer {
  return videoFileHead({ width: WIDTH, height: HEIGHT, across: ACROSS, down: DOWN }, pictures(variant), PICTURE);
}

function picture(variant: number, number: number): Uint8Array {
  const bytes = Uint8Array.from(backgroundOf(variant));
  const [even, odd] = PICTURE_HEADS;
  bytes.set(number % 2 === 0 ? even : odd, 4);
  const progress = number / pictures(variant);
  drawSun(bytes, 30 + progress * (WIDTH - 60), 90 - 50 * Math.sin(progress * Math.PI), 18);
  return bytes;
}

const backgrounds = new Map<number, Uint8Array>();

/** The picture without its sun. No sample is 0, so that nothing in it looks like the beginning of a NAL unit. */
function backgroundOf(variant: number): Uint8Array {
  const known = backgrounds.get(variant);
  if (known !== undefined) return known;
  const draw = new Draw('video hills', variant);
  const [wave, shift, red] = [draw.between(28, 60), draw.between(0, 300), draw.between(116, 146)];
  const bytes = Buffer.alloc(PICTURE);
  bytes.writeUInt32BE(PICTURE - 4, 0);
  bytes[PICTURE - 1] = 0x80;
  const isHill = (x: number, y: number): boolean => y > 160 + 18 * Math.sin((x + shift) / wave);
  for (let block = 0; block < ACROSS * DOWN; block += 1) {
    if (block > 0) bytes.set(BLOCK_HEAD, startOf(block) - BLOCK_HEAD.length);
    const [left, top] = [(block % ACROSS) * 16, Math.floor(block / ACROSS) * 16];
    for (let at = 0; at < 256; at += 1) {
      const y = top + (at >> 4);
      bytes[startOf(block) + at] = isHill(left + (at & 15), y) ? 70 + ((y * 3) % 9) : 120 + Math.floor(y / 3);
    }
    for (let at = 0; at < 64; at += 1) {
      const hill = isHill(left + (at & 7) * 2, top + (at >> 3) * 2);
      bytes[startOf(block) + 256 + at] = hill ? 112 : 142;
      bytes[startOf(block) + 320 + at] = hill ? 108 : red;
    }
  }
  backgrounds.set(variant, bytes);
  return bytes;
}

/** Brightens a disc. */
function drawSun(bytes: Uint8Array, centreX: number, centreY: number, radius: number): void {
  for (let y = Math.max(0, Math.floor(centreY - radius)); y <= centreY + radius; y += 1) {
    for (let x = Math.floor(centreX - radius); x <= centreX + radius; x += 1) {
      if (Math.hypot(x - centreX, y - centreY) > radius) continue;
      const block = (y >> 4) * ACROSS + (x >> 4);
      bytes[startOf(block) + (y & 15) * 16 + (x & 15)] = 232;
    }
  }
}

/** where the samples of a macroblock begin in a picture */
function startOf(block: number): number {
  return FIRST_BLOCK + block * NEXT_BLOCK;
}
