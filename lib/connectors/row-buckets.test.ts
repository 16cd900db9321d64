import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  BUCKETS,
  bucketOf,
  fingerprintsOf,
  readFingerprints,
  sameBuckets,
  type Versioned,
  writeFingerprints,
} from './row-buckets.ts';

const rows: readonly Versioned[] = Array.from({ length: 300 }, (_, n) => ({
  id: randomUUID(),
  version: 2 ** 32 - 1 - n,
}));

test('a bucket differs where a row of it is another, is gone or is new, and nowhere else', () => {
  const [one] = rows;
  if (one === undefined) throw new Error('no row');
  const before = fingerprintsOf(rows);
  const others = [...Array(BUCKETS).keys()].filter((bucket) => bucket !== bucketOf(one.id));
  const rest = rows.slice(1);
  expect(sameBuckets(before, fingerprintsOf([...rest, { ...one, version: 7 }]))).toEqual(others);
  expect(sameBuckets(before, fingerprintsOf(rest))).toEqual(others);
  expect(sameBuckets(fingerprintsOf(rest), before)).toEqual(others);
  expect(sameBuckets(before, fingerprintsOf(rows.toReversed()))).toHaveLength(BUCKETS);
});

test('is read from an address as it was written, and anything else is nothing', () => {
  const prints = fingerprintsOf(rows);
  const text = writeFingerprints(prints);
  expect(readFingerprints(text)).toEqual(prints);
  expect(text).toHaveLength(128);
  for (const wrong of [null, '', text.slice(1), `${text}0`, text.replace(/./, 'g')]) {
    expect(readFingerprints(wrong)).toBeNull();
  }
});
