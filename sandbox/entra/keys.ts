/** The key that signs every token of the sandbox, kept in its database so that tokens survive a restart. */
import type { DatabaseSync } from 'node:sqlite';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

export interface SigningKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const jwkSchema = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), kid: z.string() });

export async function signingKey(database: DatabaseSync): Promise<SigningKey> {
  database.exec('CREATE TABLE IF NOT EXISTS entra_key (jwk TEXT NOT NULL) STRICT');
  const kept = database.prepare('SELECT jwk FROM entra_key').get()?.jwk;
  const privateJwk = typeof kept === 'string' ? jwkSchema.parse(JSON.parse(kept)) : await newKey();
  if (kept === undefined) database.prepare('INSERT INTO entra_key VALUES (?)').run(JSON.stringify(privateJwk));
  return {
    kid: privateJwk.kid,
    privateJwk,
    privateKey: asKey(await importJWK(privateJwk, 'RS256')),
    publicKey: asKey(await importJWK({ kty: 'RSA', n: privateJwk.n, e: privateJwk.e }, 'RS256')),
  };
}

async function newKey(): Promise<z.infer<typeof jwkSchema>> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return jwkSchema.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'RS256' });
}

function asKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array) throw new TypeError('an RSA key was expected');
  return key;
}
