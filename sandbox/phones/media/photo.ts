/** A landscape for a photograph: sky, a sun, three ridges, water. Drawn from a number. */
import { Draw } from '../../random.ts';
import { encodeJpeg } from './jpeg.ts';

const WIDTH = 480;
const HEIGHT = 320;

type Colour = readonly [number, number, number];
const SKIES: readonly [readonly [Colour, Colour], ...(readonly [Colour, Colour])[]] = [
  [
    [92, 148, 214],
    [236, 226, 205],
  ],
  [
    [44, 52, 104],
    [244, 150, 96],
  ],
  [
    [128, 176, 196],
    [244, 240, 228],
  ],
];

/** In steps of a few rows, since a whole photograph keeps everybody else waiting. */
export function drawPhoto(variant: number): Generator<void, Buffer> {
  const draw = new Draw('photo', variant);
  const [zenith, horizon] = draw.pick(SKIES);
  const sun = { x: draw.between(80, WIDTH - 80), y: draw.between(50, 130), radius: draw.between(16, 34) };
  const ridges = [0, 1, 2].map((index) => ({
    height: 140 + index * 38,
    waves: [draw.between(60, 120), draw.between(24, 50)] as const,
    shift: draw.between(0, 400),
    shade: 0.72 - index * 0.2,
  }));
  const ground: Colour = [draw.between(40, 110), draw.between(80, 130), draw.between(70, 120)];
  const ridgeTop = (ridge: (typeof ridges)[number], x: number): number =>
    ridge.height + 22 * Math.sin((x + ridge.shift) / ridge.waves[0]) + 9 * Math.sin((x * 1.7) / ridge.waves[1]);
  const sky = (y: number): Colour => mix(zenith, horizon, Math.min(1, y / 200));

  return encodeJpeg(WIDTH, HEIGHT, (x, y) => {
    if (y > 262) return mix(sky(524 - y - 120), [30, 60, 84], 0.45 + 0.1 * Math.sin(y * 0.9 + x / 40));
    for (const ridge of [...ridges].reverse()) {
      if (y > ridgeTop(ridge, x)) return mix(ground, horizon, ridge.shade - 0.25);
    }
    const distance = Math.hypot(x - sun.x, y - sun.y);
    return distance < sun.radius ? [255, 246, 214] : mix(sky(y), [255, 240, 200], Math.max(0, 0.5 - distance / 240));
  });
}

function mix(a: Colour, b: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share));
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}
