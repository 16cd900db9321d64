import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { TamperedError } from '#lib/security/sealing.ts';
import { openFrame, packFrames } from './frames.ts';

const ring = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);

const frame = fc.record({
  itemIdentity: fc.string(),
  body: fc.uint8Array({ maxLength: 300 }),
  group: fc.nat({ max: 4 }),
});

describe('packFrames', () => {
  test('every frame opens from its place under its own identity', () => {
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const { blob, places } = packFrames(ring, frames);
        expect(places).toHaveLength(frames.length);
        for (const [i, { itemIdentity, body }] of frames.entries()) {
          const { offset, length } = places[i] ?? { offset: 0, length: 0 };
          const opened = openFrame(ring, blob.subarray(offset, offset + length), itemIdentity);
          expect(new Uint8Array(opened)).toEqual(new Uint8Array(body));
        }
      }),
    );
  });

  test('groups lie one behind the other, without gap or overlap, and keep their order within', () => {
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const { blob, places } = packFrames(ring, frames);
        const laid = places
          .map((place, index) => ({ ...place, index, group: frames[index]?.group ?? -1 }))
          .sort((a, b) => a.offset - b.offset);
        let end = 0;
        for (const [i, place] of laid.entries()) {
          const before = laid[i - 1];
          expect(place.offset).toBe(end);
          end += place.length;
          if (before === undefined) continue;
          expect(place.group).toBeGreaterThanOrEqual(before.group);
          if (place.group === before.group) expect(place.index).toBeGreaterThan(before.index);
        }
        expect(end).toBe(blob.length);
      }),
    );
  });

  test('a frame does not open as another item', () => {
    const { blob } = packFrames(ring, [{ itemIdentity: 'org/source/1', body: Buffer.from('a'), group: 0 }]);
    expect(() => openFrame(ring, blob, 'org/source/2')).toThrow(TamperedError);
  });
});
