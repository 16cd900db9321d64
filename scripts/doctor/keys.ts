/** Keys and credentials: those that sealed what is there are in the ring, and nothing ends soon. */

import { parseAuditKeys } from '#lib/audit/keys.ts';
import type { Queryable } from '#lib/db.ts';
import type { Env } from '#lib/env.ts';
import { appCredentialEnds } from '#lib/notifications/app-credential.ts';
import { checkKeyRing, KeyRingRefusedError } from '#lib/security/key-use.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';

const DAY_MS = 24 * 3_600_000;
const WARN_DAYS = 30;

export async function* examineKeys(database: Queryable, settings: Env, now: Date): Examination {
  yield await ringOf(database, settings);
  yield auditKeysOf(settings);
  yield credentialOf(settings, now);
  if (settings.ENTRA_CLIENT_SECRET === undefined) yield NO_SECRET;
}

/** The app's own calls go by a certificate; next-auth signs people in by a secret. */
const NO_SECRET: Finding = {
  about: 'Sign-in, secret of the app registration',
  result: 'wrong',
  found: 'There is none.',
  toDo: 'Set ENTRA_CLIENT_SECRET beside ENTRA_CLIENT_CERTIFICATE: people sign in with it.',
};

async function ringOf(database: Queryable, { ENCRYPTION_KEYS: ring }: Env): Promise<Finding> {
  const about = 'Keys, ENCRYPTION_KEYS';
  try {
    const used = await checkKeyRing(database, ring);
    const older = used.filter(({ id }) => id !== ring.current.id).map(({ id }) => id);
    const rest = older.length === 0 ? '' : ` In use besides: ${older.join(', ')} (npm run rotate-keys).`;
    return { about, result: 'well', found: `Sealed with ${ring.current.id}, ${ring.keys.size} in the ring.${rest}` };
  } catch (error) {
    if (error instanceof KeyRingRefusedError) {
      return {
        about,
        result: 'wrong',
        found: error.message,
        toDo: 'Put the missing keys back: without them content cannot be opened.',
      };
    }
    return {
      about,
      result: 'not_checked',
      found: `The database could not be asked (${codeOf(error)}).`,
      toDo: 'See what is said of PostgreSQL, and run this again.',
    };
  }
}

function auditKeysOf({ AUDIT_KEYS }: Env): Finding {
  const { current, keys } = parseAuditKeys(AUDIT_KEYS);
  const about = 'Keys, AUDIT_KEYS';
  return { about, result: 'well', found: `Linked and signed with ${current.id}, ${keys.size} in the ring.` };
}

function credentialOf(settings: Env, now: Date): Finding {
  const kind = settings.ENTRA_CLIENT_CERTIFICATE === undefined ? 'secret' : 'certificate';
  const about = `Credential of the app registration (${kind})`;
  const ends = appCredentialEnds(settings);
  if (ends === null) {
    return {
      about,
      result: 'beware',
      found: 'When it ends is not known.',
      toDo: 'Set ENTRA_CLIENT_SECRET_EXPIRES, so that administrators are told 30 days before, or use a certificate.',
    };
  }
  const days = Math.floor((ends.getTime() - now.getTime()) / DAY_MS);
  const found = `It ends on ${ends.toISOString().slice(0, 10)}, in ${days} days.`;
  if (days >= WARN_DAYS) return { about, result: 'well', found };
  const toDo = 'Add a new one to the app registration and put it in place before.';
  return {
    about,
    result: days < 0 ? 'wrong' : 'beware',
    found: days < 0 ? `It ended on ${ends.toISOString().slice(0, 10)}.` : found,
    toDo,
  };
}
