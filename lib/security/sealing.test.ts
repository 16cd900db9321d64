import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeyRing } from './keyring.ts';
import {
  isSealedWithOldKey,
  keyIdOf,
  newDataKey,
  open,
  openSecret,
  resealSecret,
  seal,
  sealSecret,
  TamperedError,
  UnknownKeyError,
  unwrapDataKey,
  wrapDataKey,
} from './sealing.ts';

const older = `older:${randomBytes(32).toString('base64')}`;
const newer = `newer:${randomBytes(32).toString('base64')}`;
const olderRing = parseKeyRing(older);
const ring = parseKeyRing(`${newer},${older}`);

describe('seal and open', () => {
  test('any bytes come back under the same associated data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (plaintext, place) => {
        expect(new Uint8Array(open(ring, seal(ring, plaintext, place), place))).toEqual(new Uint8Array(plaintext));
      }),
    );
  });

  test('every single altered bit is found', () => {
    const sealed = seal(ring, Buffer.from('meet me at noon'), 'place');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Buffer.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => open(ring, altered, 'place')).toThrow(/altered|not in ENCRYPTION_KEYS/);
    }
  });

  test('every shortened form is found', () => {
    const sealed = seal(ring, Buffer.from('meet me at noon'), 'place');
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(ring, sealed.subarray(0, length), 'place')).toThrow(TamperedError);
    }
  });

  test('does not open in another place', () => {
    expect(() => open(ring, seal(ring, Buffer.from('x'), 'row 1'), 'row 2')).toThrow(TamperedError);
  });

  test('two seals of the same text differ', () => {
    const text = Buffer.from('OK');
    expect(seal(ring, text, 'a').equals(seal(ring, text, 'a'))).toBe(false);
  });

  test('what an older key sealed still opens, and is known to be due for sealing again', () => {
    const sealed = seal(olderRing, Buffer.from('kept'), 'a');
    expect(open(ring, sealed, 'a').toString()).toBe('kept');
    expect(isSealedWithOldKey(ring, sealed)).toBe(true);
    expect(isSealedWithOldKey(ring, seal(ring, Buffer.from('kept'), 'a'))).toBe(false);
  });

  test('a key that left the ring is named', () => {
    const sealed = seal(ring, Buffer.from('x'), 'a');
    expect(() => open(olderRing, sealed, 'a')).toThrow(UnknownKeyError);
    expect(() => open(olderRing, sealed, 'a')).toThrow(/"newer"/);
  });

  test('relabelling the key id does not help', () => {
    const sealed = seal(ring, Buffer.from('x'), 'a');
    const relabelled = Buffer.from(sealed);
    relabelled.write('older', 2, 'latin1');
    expect(() => open(ring, relabelled, 'a')).toThrow(TamperedError);
  });
});

describe('secrets for text columns', () => {
  test('come back under the same context only', () => {
    const stored = sealSecret(ring, 'pässword €', 'connector-password:1');
    expect(stored).toMatch(/^sealed\.[A-Za-z0-9_-]+$/);
    expect(openSecret(ring, stored, 'connector-password:1')).toBe('pässword €');
    expect(() => openSecret(ring, stored, 'connector-password:2')).toThrow(TamperedError);
  });

  test.each(['', 'sealed.', 'sealed.!!!', 'hunter2'])('"%s" is no sealed secret', (text) => {
    expect(() => openSecret(ring, text, 'c')).toThrow(TamperedError);
  });

  test('come back from under a newer key, under their own context only', () => {
    const resealed = resealSecret(ring, sealSecret(olderRing, 's', 'c'), 'c');
    expect(keyIdOf(Buffer.from(resealed.slice('sealed.'.length), 'base64url'))).toBe(ring.current.id);
    expect(openSecret(ring, resealed, 'c')).toBe('s');
    expect(() => resealSecret(ring, sealSecret(olderRing, 's', 'c'), 'd')).toThrow(TamperedError);
  });
});

describe('data keys', () => {
  test('unwrap to the same key, for their own context only', () => {
    const { dataKey, wrapped } = newDataKey(ring, 'attachment:1');
    expect(unwrapDataKey(ring, wrapped, 'attachment:1').equals(dataKey)).toBe(true);
    expect(() => unwrapDataKey(ring, wrapped, 'attachment:2')).toThrow(TamperedError);
  });

  test('a wrapped data key is no secret and a secret no data key', () => {
    const secret = Buffer.from(sealSecret(ring, 's'.repeat(32), 'c').replace('sealed.', ''), 'base64url');
    expect(() => openSecret(ring, `sealed.${newDataKey(ring, 'c').wrapped.toString('base64url')}`, 'c')).toThrow(
      TamperedError,
    );
    expect(() => unwrapDataKey(ring, secret, 'c')).toThrow(TamperedError);
  });

  test('move to a newer key of the ring without changing', () => {
    const { dataKey, wrapped } = newDataKey(olderRing, 'c');
    const rewrapped = wrapDataKey(ring, unwrapDataKey(ring, wrapped, 'c'), 'c');
    expect(isSealedWithOldKey(ring, rewrapped)).toBe(false);
    expect(unwrapDataKey(ring, rewrapped, 'c').equals(dataKey)).toBe(true);
  });
});
