/**
 * When the certificate or secret ends with which this portal signs in to Microsoft. A certificate says so itself. Of a
 * secret only Entra ID knows it, and reading that would take a permission (Application.Read.All) that importing does not
 * need: so the operator writes the day down.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Env } from '../env.ts';

type Credential = Pick<Env, 'ENTRA_CLIENT_CERTIFICATE' | 'ENTRA_CLIENT_SECRET_EXPIRES'>;

/** @returns null where it is not known, or the certificate cannot be read: signing in says so, loudly */
export function appCredentialEnds({
  ENTRA_CLIENT_CERTIFICATE: path,
  ENTRA_CLIENT_SECRET_EXPIRES: day,
}: Credential): Date | null {
  if (path === undefined) return day === undefined ? null : new Date(`${day}T00:00:00Z`);
  try {
    return new Date(new X509Certificate(readFileSync(path)).validTo);
  } catch {
    return null;
  }
}
