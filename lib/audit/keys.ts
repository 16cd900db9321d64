/**
 * The keys of the audit log, which are not the database's to know. From each key of AUDIT_KEYS two are derived: one that
 * links entries (HMAC), and one that signs (Ed25519), whose public half anybody may have.
 *
 * A key that links nothing any more is still needed to verify what it linked, for as long as that is kept.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { parseKeyRing } from '../security/keyring.ts';

export interface AuditKey {
  readonly id: string;
  readonly linking: KeyObject;
  readonly signing: KeyObject;
  readonly public: KeyObject;
}

/** The first one links and signs; all of them verify. */
export interface AuditKeys {
  readonly current: AuditKey;
  readonly keys: ReadonlyMap<string, AuditKey>;
}

/**
 * @param text AUDIT_KEYS, in the form of ENCRYPTION_KEYS: `id:base64 of 32 bytes`, newest first
 * @throws KeyRingError
 */
export function parseAuditKeys(text: string): AuditKeys {
  const ring = parseKeyRing(text, 'AUDIT_KEYS');
  const keys = new Map([...ring.keys.values()].map(({ id, key }) => [id, auditKey(id, key)]));
  const current = keys.get(ring.current.id);
  if (!current) throw new RangeError('a key ring has its current key');
  return { current, keys };
}

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

function auditKey(id: string, secret: KeyObject): AuditKey {
  const derived = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  const seed = derived('audit signature');
  const der = Buffer.concat([PKCS8_ED25519, seed]);
  const signing = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  seed.fill(0);
  der.fill(0);
  return { id, linking: createSecretKey(derived('audit link')), signing, public: createPublicKey(signing) };
}

/** The public key as PEM, for `openssl pkeyutl -verify -rawin`. */
export function publicKeyPem(key: AuditKey): string {
  return key.public.export({ format: 'pem', type: 'spki' }).toString();
}

/** Ed25519 over the UTF-8 bytes: 64 bytes. */
export function signedBytes(key: AuditKey, text: string): Buffer {
  return sign(null, Buffer.from(text), key.signing);
}

/** The same, base64. */
export function signatureOf(key: AuditKey, text: string): string {
  return signedBytes(key, text).toString('base64');
}

/** Whether a key of ours signed exactly this. */
export function isSignedBy(keys: AuditKeys, keyId: string, text: string, signature: string): boolean {
  const key = keys.keys.get(keyId);
  return key !== undefined && verify(null, Buffer.from(text), key.public, Buffer.from(signature, 'base64'));
}
