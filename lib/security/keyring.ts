/**
 * The key ring: the operator's encryption keys, newest first. What is sealed names its key, so a new key in front takes
 * over for new content while everything older still opens.
 *
 * This file knows keys; what is done with them is in `sealing.ts`. Key bytes live in `KeyObject`s, which neither a log
 * line nor a JSON dump prints.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';

export interface RingKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** At least one key. `current` seals; all of them open. */
export interface KeyRing {
  readonly current: RingKey;
  readonly keys: ReadonlyMap<string, RingKey>;
}

/** A variable with keys is not usable. The message names the entry by its position, never a byte of its value. */
export class KeyRingError extends Error {
  override name = 'KeyRingError';
  /** counted from 1; null where the list as a whole is meant */
  readonly position: number | null;
  constructor(variable: string, position: number | null, problem: string) {
    super(position === null ? `${variable} ${problem}` : `${variable} entry ${position} ${problem}`);
    this.position = position;
  }
}

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;
const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;
const ADVICE = 'make one with: openssl rand -base64 32';

/**
 * Reads `id:base64,id:base64,…`, newest first. An id is 1 to 32 of `A-Z a-z 0-9 . _ -`, a key is 32 random bytes in
 * base64. Spaces around an entry are allowed.
 *
 * @param variable what to call it in an error
 * @throws KeyRingError on an empty list, a malformed entry, a repeated id or key, a key of another length or one that
 * is visibly not random
 */
export function parseKeyRing(text: string, variable = 'ENCRYPTION_KEYS'): KeyRing {
  if (text.trim() === '') throw new KeyRingError(variable, null, `is empty; ${ADVICE}`);
  const keys = new Map<string, RingKey>();
  const positionOfValue = new Map<string, number>();
  let current: RingKey | undefined;
  for (const [index, entry] of text.split(',').entries()) {
    const position = index + 1;
    const ringKey = parseEntry(entry.trim(), position, variable);
    if (keys.has(ringKey.id)) throw new KeyRingError(variable, position, 'repeats the id of an earlier entry');
    const value = ringKey.key.export().toString('hex');
    const twin = positionOfValue.get(value);
    if (twin !== undefined) throw new KeyRingError(variable, position, `has the same key as entry ${twin}`);
    positionOfValue.set(value, position);
    keys.set(ringKey.id, ringKey);
    current ??= ringKey;
  }
  if (current === undefined) throw new KeyRingError(variable, null, `is empty; ${ADVICE}`);
  return { current, keys };
}

function parseEntry(entry: string, position: number, variable: string): RingKey {
  const colon = entry.indexOf(':');
  if (colon < 0) throw new KeyRingError(variable, position, 'has no colon between id and key');
  const id = entry.slice(0, colon);
  if (!KEY_ID.test(id))
    throw new KeyRingError(variable, position, 'has an id that is not 1 to 32 of A-Z a-z 0-9 . _ -');
  const encoded = entry.slice(colon + 1);
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer skips what is not base64 and ignores stray bits, so only what encodes back to itself was meant.
  if (!BASE64_OF_32_BYTES.test(encoded) || bytes.toString('base64') !== encoded) {
    throw new KeyRingError(variable, position, `is not ${KEY_BYTES} bytes in base64; ${ADVICE}`);
  }
  const weakness = visiblyNotRandom(bytes);
  if (weakness) throw new KeyRingError(variable, position, `${weakness}; ${ADVICE}`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/**
 * Catches keys that somebody typed or counted. 32 random bytes fail none of these in practice: fewer than 16 distinct
 * values, a constant step, or nothing but printable ASCII each have a chance below 1 in 10^12.
 */
function visiblyNotRandom(bytes: Uint8Array): string | null {
  if (new Set(bytes).size < 16) return 'repeats too few byte values to be random';
  const step = ((bytes[1] ?? 0) - (bytes[0] ?? 0)) & 0xff;
  if (bytes.every((byte, i) => i === 0 || ((byte - (bytes[i - 1] ?? 0)) & 0xff) === step)) {
    return 'is a counted sequence, not random';
  }
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is typed text, not random bytes';
  return null;
}
