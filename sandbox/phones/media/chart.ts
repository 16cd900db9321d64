/** A bar chart such as people paste into a message. No text in it: that would need a font. */
import { Draw } from '../../random.ts';
import { encodePng, type Rgb } from './png.ts';

const WIDTH = 480;
const HEIGHT = 300;
const PALETTES: readonly [readonly Rgb[], ...(readonly Rgb[])[]] = [
  [
    [250, 249, 247],
    [222, 219, 214],
    [60, 72, 88],
    [46, 134, 171],
    [241, 143, 1],
    [199, 62, 29],
  ],
  [
    [247, 250, 252],
    [214, 222, 228],
    [40, 54, 68],
    [0, 121, 107],
    [121, 134, 203],
    [255, 179, 0],
  ],
  [
    [252, 251, 248],
    [228, 224, 214],
    [66, 58, 48],
    [124, 77, 255],
    [38, 166, 154],
    [236, 64, 122],
  ],
];

export function drawChart(variant: number): Buffer {
  const draw = new Draw('chart', variant);
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  const rectangle = (left: number, top: number, right: number, bottom: number, colour: number): void => {
    for (let row = top; row < bottom; row += 1) pixels.fill(colour, row * WIDTH + left, row * WIDTH + right);
  };
  const base = HEIGHT - 32;
  for (let line = 1; line <= 5; line += 1) rectangle(40, base - line * 45, WIDTH - 20, base - line * 45 + 1, 1);
  const groups = draw.between(5, 9);
  const series = draw.between(1, 4);
  const room = Math.floor((WIDTH - 80) / groups);
  for (let group = 0; group < groups; group += 1) {
    for (let one = 0; one < series; one += 1) {
      const bar = Math.floor((room - 12) / series);
      const left = 50 + group * room + one * bar;
      rectangle(left, base - draw.between(20, 220), left + bar - 2, base, 3 + one);
    }
  }
  rectangle(40, base, WIDTH - 20, base + 2, 2);
  rectangle(40, 20, 42, base, 2);
  return encodePng(WIDTH, HEIGHT, draw.pick(PALETTES), pixels);
}
