import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KeyRingError, parseKeyRing } from './keyring.ts';

const keyA = randomBytes(32).toString('base64');
const keyB = randomBytes(32).toString('base64');

function refusal(text: string): KeyRingError {
  try {
    parseKeyRing(text);
  } catch (error) {
    if (error instanceof KeyRingError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('parseKeyRing', () => {
  test('takes the first key as the current one and keeps all for opening', () => {
    const ring = parseKeyRing(`2026-11:${keyA}, 2025-11:${keyB}`);
    expect(ring.current.id).toBe('2026-11');
    expect([...ring.keys.keys()]).toEqual(['2026-11', '2025-11']);
    expect(ring.keys.get('2025-11')?.key.export().toString('base64')).toBe(keyB);
  });

  test.each([
    ['nothing', '', null],
    ['only spaces', '  ', null],
    ['a trailing comma', `a:${keyA},`, 2],
    ['no colon', keyA, 1],
    ['no id', `:${keyA}`, 1],
    ['an id with a space', `a b:${keyA}`, 1],
    ['an id that is too long', `${'a'.repeat(33)}:${keyA}`, 1],
    ['a key of 31 bytes', `a:${randomBytes(31).toString('base64')}`, 1],
    ['a key of 33 bytes', `a:${keyA},b:${randomBytes(33).toString('base64')}`, 2],
    ['a key in hexadecimal', `a:${randomBytes(32).toString('hex')}`, 1],
    ['stray bits behind the last byte', `a:${keyA.slice(0, 42)}9=`, 1],
    ['a repeated id', `a:${keyA},a:${keyB}`, 2],
    ['a repeated key', `a:${keyA},b:${keyA}`, 2],
    ['all zeros', `a:${Buffer.alloc(32).toString('base64')}`, 1],
    ['two values in turn', `a:${Buffer.alloc(32, 'xy').toString('base64')}`, 1],
    ['counted bytes', `a:${Buffer.from(Array.from({ length: 32 }, (_, i) => 250 + i)).toString('base64')}`, 1],
    ['typed text', `a:${Buffer.from('correct horse battery staple 123').toString('base64')}`, 1],
  ])('refuses %s', (_what, text, position) => {
    expect(refusal(text).position).toBe(position);
  });

  test('names the position and never a part of the value', () => {
    const weak = Buffer.from('correct horse battery staple 123').toString('base64');
    for (const text of [`a:${keyA},secret-id!:${keyB}`, `a:${keyA},b:${keyB}x`, `a:${keyA},b:${weak}`]) {
      const { message } = refusal(text);
      expect(message).toContain('entry 2');
      for (const part of ['secret-id!', keyA.slice(0, 8), keyB.slice(0, 8), weak.slice(0, 8), 'horse']) {
        expect(message).not.toContain(part);
      }
    }
  });

  test('does not show key bytes to a log line or a JSON dump', () => {
    const ring = parseKeyRing(`a:${keyA}`);
    const shown = inspect(ring, { depth: 10, showHidden: true }) + JSON.stringify([ring, ...ring.keys]);
    expect(shown).not.toContain(keyA);
    expect(shown).not.toContain(Buffer.from(keyA, 'base64').toString('hex'));
  });
});
