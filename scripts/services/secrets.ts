/** The secrets of an installation on this machine: made once, kept in a file that only its owner reads. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { PartError } from './part.ts';

const secretsSchema = z.object({
  databasePassword: z.string().min(1),
  /** of the login that portal and workers have: it may change no audit log */
  appDatabasePassword: z.string().min(1),
  redisPassword: z.string().min(1),
  /** ENCRYPTION_KEYS: `id:base64 of 32 bytes`, newest first */
  encryptionKeys: z.string().min(1),
  /** AUDIT_KEYS, in the same form */
  auditKeys: z.string().min(1),
  nextAuthSecret: z.string().min(32),
});

export type Secrets = z.infer<typeof secretsSchema>;

export function newSecrets(): Secrets {
  return {
    databasePassword: randomBytes(18).toString('base64url'),
    appDatabasePassword: randomBytes(18).toString('base64url'),
    redisPassword: randomBytes(18).toString('base64url'),
    encryptionKeys: `k1:${randomBytes(32).toString('base64')}`,
    auditKeys: `a1:${randomBytes(32).toString('base64')}`,
    nextAuthSecret: randomBytes(36).toString('base64url'),
  };
}

/**
 * The secrets in the file; makes them at the first call.
 * @throws PartError when the file is damaged: new keys could not open what the old ones sealed
 */
export function keptSecrets(file: string): Secrets {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(newSecrets(), null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const secrets = secretsSchema.parse({
      auditKeys: newSecrets().auditKeys,
      ...z.record(z.string(), z.unknown()).parse(kept),
    });
    // Made by a version that had one secret fewer.
    if (!isDeepStrictEqual(kept, secrets))
      writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    return secrets;
  } catch {
    throw new PartError(
      `${file} is damaged, and without its keys the data beside it cannot be read. Restore the file, or delete the folder ${dirname(file)} to begin anew.`,
    );
  }
}
