/**
 * Sealing: AES-256-GCM under the key ring. A sealed value names its key and is tied to a place by associated data, so
 * that it opens only there: copied to another row, item or purpose, it is *tampered*.
 *
 * Binary form: version (1 byte, 1) · length of the key id (1 byte) · key id · nonce (12 bytes, random) · ciphertext ·
 * tag (16 bytes). Everything before the nonce is authenticated too. Random 96-bit nonces are good for 2^32 seals a key
 * (NIST SP 800-38D, 8.3): put a new key in front long before four billion items.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { KeyRing } from './keyring.ts';

/** Bytes in the binary form above. */
export type Sealed = Buffer<ArrayBuffer>;

/** Encrypts the content of one attachment and nothing else. 32 random bytes that no log line prints. */
export type DataKey = KeyObject;

/** Sealed with a key that the ring no longer has. The operator must put that key back. */
export class UnknownKeyError extends Error {
  override name = 'UnknownKeyError';
  readonly keyId: string;
  constructor(keyId: string) {
    super(`Sealed with the key "${keyId}", which is not in ENCRYPTION_KEYS`);
    this.keyId = keyId;
  }
}

/** The bytes are not what was sealed, or were sealed for another place. */
export class TamperedError extends Error {
  override name = 'TamperedError';
  constructor(what = 'Sealed content') {
    super(`${what} was altered, cut short, or belongs somewhere else`);
  }
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TEXT_PREFIX = 'sealed.';

/**
 * Seals with the ring's newest key.
 *
 * @param associatedData says what and where this is; `open` must be given the same. Start it with a word for the purpose.
 */
export function seal(ring: KeyRing, plaintext: Uint8Array, associatedData: string): Sealed {
  const header = headerFor(ring.current.id);
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', ring.current.key, nonce);
  cipher.setAAD(aadOf(header, associatedData));
  const ciphertext = cipher.update(plaintext);
  const rest = cipher.final();
  return Buffer.concat([header, nonce, ciphertext, rest, cipher.getAuthTag()]);
}

/**
 * @throws TamperedError when anything differs from what was sealed
 * @throws UnknownKeyError when the ring has no key of that id
 */
export function open(ring: KeyRing, sealed: Uint8Array, associatedData: string): Buffer {
  const { keyId, header, body } = split(sealed);
  const ringKey = ring.keys.get(keyId);
  if (ringKey === undefined) throw new UnknownKeyError(keyId);
  const tagAt = body.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', ringKey.key, body.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(aadOf(header, associatedData));
  decipher.setAuthTag(body.subarray(tagAt));
  const plaintext = decipher.update(body.subarray(NONCE_BYTES, tagAt));
  try {
    decipher.final();
  } catch {
    throw new TamperedError();
  }
  return plaintext;
}

/**
 * True when the value should be sealed again: its key is not the newest.
 *
 * @throws TamperedError when it is no sealed value at all
 */
export function isSealedWithOldKey(ring: KeyRing, sealed: Uint8Array): boolean {
  return split(sealed).keyId !== ring.current.id;
}

/** Bytes that a sealed value's key id is read from: version, length and the longest id that a ring may have. */
export const LONGEST_HEADER_BYTES = 2 + 32;

/** The id of the key that a value is sealed with, from its first bytes; null where it is no sealed value. */
export function keyIdOf(beginning: Uint8Array): string | null {
  const [version, idLength] = beginning;
  if (version !== VERSION || idLength === undefined || beginning.length < 2 + idLength) return null;
  return Buffer.from(beginning.subarray(2, 2 + idLength)).toString('latin1');
}

/**
 * A secret for a text column.
 *
 * @param context names table, column and row, for example `connector-password:<id>`
 */
export function sealSecret(ring: KeyRing, secret: string, context: string): string {
  return TEXT_PREFIX + seal(ring, Buffer.from(secret, 'utf8'), `secret\0${context}`).toString('base64url');
}

/** @throws TamperedError, UnknownKeyError as `open` */
export function openSecret(ring: KeyRing, text: string, context: string): string {
  return open(ring, bytesOfText(text), `secret\0${context}`).toString('utf8');
}

/** The same secret under the ring's newest key. @throws TamperedError, UnknownKeyError as `open` */
export function resealSecret(ring: KeyRing, text: string, context: string): string {
  return sealSecret(ring, openSecret(ring, text, context), context);
}

/**
 * A new random data key and its wrapped form, for the row of what it encrypts.
 *
 * @param context names what the key encrypts, for example `attachment:<row id>`; unwrapping needs the same
 */
export function newDataKey(ring: KeyRing, context: string): { dataKey: DataKey; wrapped: Sealed } {
  const dataKey = createSecretKey(randomBytes(32));
  return { dataKey, wrapped: wrapDataKey(ring, dataKey, context) };
}

/** Wraps under the ring's newest key; also how a data key moves to a new key of the ring. */
export function wrapDataKey(ring: KeyRing, dataKey: DataKey, context: string): Sealed {
  return seal(ring, dataKey.export(), `data-key\0${context}`);
}

/** @throws TamperedError, UnknownKeyError as `open` */
export function unwrapDataKey(ring: KeyRing, wrapped: Uint8Array, context: string): DataKey {
  return createSecretKey(open(ring, wrapped, `data-key\0${context}`));
}

/** Random bytes are drawn for many seals at once: one draw takes as long as a seal. Each byte is used once. */
const NONCES_DRAWN = 256;
let drawn = Buffer.alloc(0);

function nextNonce(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(NONCE_BYTES * NONCES_DRAWN);
  const nonce = drawn.subarray(0, NONCE_BYTES);
  drawn = drawn.subarray(NONCE_BYTES);
  return nonce;
}

const headers = new Map<string, Buffer>();

/** The same few key ids head every frame of an import: made once. */
function headerFor(keyId: string): Buffer {
  let header = headers.get(keyId);
  if (header === undefined) {
    header = Buffer.from([VERSION, keyId.length, ...Buffer.from(keyId, 'latin1')]);
    headers.set(keyId, header);
  }
  return header;
}

function aadOf(header: Uint8Array, associatedData: string): Buffer {
  return Buffer.concat([header, Buffer.from(associatedData, 'utf8')]);
}

function split(sealed: Uint8Array): { keyId: string; header: Uint8Array; body: Uint8Array } {
  const idLength = sealed[1];
  if (sealed[0] !== VERSION || idLength === undefined) throw new TamperedError();
  const headerLength = 2 + idLength;
  if (sealed.length < headerLength + NONCE_BYTES + TAG_BYTES) throw new TamperedError();
  const header = sealed.subarray(0, headerLength);
  return { keyId: Buffer.from(header.subarray(2)).toString('latin1'), header, body: sealed.subarray(headerLength) };
}

function bytesOfText(text: string): Buffer {
  const encoded = text.slice(TEXT_PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64url');
  if (!text.startsWith(TEXT_PREFIX) || bytes.toString('base64url') !== encoded) throw new TamperedError();
  return bytes;
}
