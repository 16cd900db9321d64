import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planReads } from './reads.ts';

describe('planReads', () => {
  test('neighbours share a read, another blob or a wide gap starts a new one', () => {
    const reads = [
      ...planReads([
        { blob: 'a', offset: 100, length: 50 },
        { blob: 'a', offset: 150, length: 50 },
        { blob: 'a', offset: 300, length: 10 },
        { blob: 'a', offset: 1_000_000, length: 10 },
        { blob: 'b', offset: 1_000_010, length: 10 },
      ]),
    ];
    expect(reads.map(({ blob, offset, length }) => [blob, offset, length])).toEqual([
      ['a', 100, 210],
      ['a', 1_000_000, 10],
      ['b', 1_000_010, 10],
    ]);
  });

  test('keeps all places in their order, each inside its read, and no joined read above 8 MiB', () => {
    const place = fc.record({
      blob: fc.constantFrom('a', 'b'),
      offset: fc.nat({ max: 20_000_000 }),
      length: fc.integer({ min: 1, max: 9_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(place), fc.boolean(), (places, sorted) => {
        if (sorted) places.sort((x, y) => x.offset - y.offset);
        const reads = [...planReads(places)];
        expect(reads.flatMap((read) => read.wanted)).toEqual(places);
        for (const read of reads) {
          if (read.wanted.length > 1) expect(read.length).toBeLessThanOrEqual(8 * 1024 * 1024);
          for (const { blob, offset, length } of read.wanted) {
            expect(blob).toBe(read.blob);
            expect(offset).toBeGreaterThanOrEqual(read.offset);
            expect(offset + length).toBeLessThanOrEqual(read.offset + read.length);
          }
        }
      }),
    );
  });
});
