/**
 * When the certificate or secret ends with which this portal signs in to Microsoft. A certificate says so itself. Of a
 * secret only Entra ID knows it, and reading that would take a permission (Application.Read.All) that importing does not
 * need: so the operator writes the day down.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Env } from '../env.ts';

type Credential = Pick<Env, 'ENTRA_CLIENT_CERTIFICATE' | 'ENTRA_CLIENT_SECRET_EXPIRES'>;

/**
 * The earlier of both: people sign in with the secret, also where the app has a certificate.
 *
 * @returns null where neither is known; a certificate that cannot be read counts as unknown: signing in says so, loudly
 */
export function appCredentialEnds({
  ENTRA_CLIENT_CERTIFICATE: path,
  ENTRA_CLIENT_SECRET_EXPIRES: day,
}: Credential): Date | null {
  const ends = [day === undefined ? null : new Date(`${day}T00:00:00Z`), path === undefined ? null : endOf(path)];
  const [earliest] = ends.filter((end) => end !== null).sort((a, b) => a.getTime() - b.getTime());
  return earliest ?? null;
}

function endOf(path: string): Date | null {
  try {
    return new Date(new X509Certificate(readFileSync(path)).validTo);
  } catch {
    return null;
  }
}
