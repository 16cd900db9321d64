/**
 * Whether an assertion proves an app: a JWT that the key of one of its registered certificates signed.
 *
 * A `jti` may come again while the assertion is valid: msal-node sends one assertion with all requests of ten minutes.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import { X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { AppCertificate, CertificateRegistry } from './certificates.ts';
import { type EntraError, EntraRefusal, entraErrors } from './errors.ts';

/** how far the clocks of the app and of Entra ID may be apart, seconds */
const SKEW = 300;

const headerSchema = z.looseObject({
  alg: z.enum(['RS256', 'PS256']),
  'x5t#S256': z.string().optional(),
  x5t: z.string().optional(),
});

export interface AssertionSurroundings {
  readonly certificates: CertificateRegistry;
  /** client id of the app that the request names */
  readonly app: string;
  /** what may stand in `aud`: addresses of the tenant's token endpoint, and its issuer */
  readonly audiences: readonly string[];
  readonly now: Date;
}

/** @throws {EntraRefusal} */
export async function checkAssertion(assertion: string, around: AssertionSurroundings): Promise<void> {
  const certificate = certificateOf(assertion, around);
  if (around.now > certificate.validTo || around.now < certificate.validFrom) {
    throw new EntraRefusal(entraErrors.certificateRefused(expired(certificate)));
  }
  try {
    await jwtVerify(assertion, new X509Certificate(certificate.pem).publicKey, {
      algorithms: ['RS256', 'PS256'],
      audience: [...around.audiences],
      issuer: around.app,
      subject: around.app,
      requiredClaims: ['exp'],
      clockTolerance: SKEW,
      currentDate: around.now,
    });
  } catch (error) {
    throw new EntraRefusal(refusal(error, assertion, certificate, around));
  }
}

function certificateOf(assertion: string, around: AssertionSurroundings): AppCertificate {
  const header = headerOf(assertion);
  const sha256 = header['x5t#S256'];
  const thumbprint = sha256 ?? header.x5t;
  if (thumbprint === undefined) {
    throw new EntraRefusal(entraErrors.unreadableAssertion('No certificate thumbprint specified in token header.'));
  }
  const found = around.certificates.find(sha256 === undefined ? { sha1: thumbprint } : { sha256 });
  if (found) return found;
  const hex = Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase();
  throw new EntraRefusal(
    entraErrors.certificateRefused(
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${hex}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${around.app}'.]`,
    ),
  );
}

function headerOf(assertion: string): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(decodeProtectedHeader(assertion));
  } catch {
    throw new EntraRefusal(entraErrors.unreadableAssertion(''));
  }
}

function expired({ validFrom, validTo, thumbprint }: AppCertificate): string {
  return `The certificate with identifier used to sign the client assertion is expired on application. [Reason - The key used is expired., Found key 'Start=${validFrom.toISOString()}, End=${validTo.toISOString()}, Thumbprint=${thumbprint}'.]`;
}

function refusal(
  error: unknown,
  assertion: string,
  { thumbprint }: AppCertificate,
  around: AssertionSurroundings,
): EntraError {
  if (error instanceof joseErrors.JWSSignatureVerificationFailed) {
    return entraErrors.certificateRefused(
      `Client assertion contains an invalid signature. [Reason - The key was found, but the signature does not match it., Thumbprint of key used by client: '${thumbprint}'.]`,
    );
  }
  const { exp, nbf }: JWTPayload = readable(assertion);
  const claim = error instanceof joseErrors.JWTClaimValidationFailed ? error.claim : undefined;
  if (error instanceof joseErrors.JWTExpired || claim === 'nbf') {
    return entraErrors.assertionOutOfTime(around.now, instant(nbf), instant(exp));
  }
  if (claim === 'aud') return entraErrors.assertionAudience();
  if (claim === 'iss' || claim === 'sub') return entraErrors.assertionIssuer();
  return entraErrors.unreadableAssertion('');
}

function readable(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    return {};
  }
}

function instant(seconds: number | undefined): string {
  const date = new Date((seconds ?? 0) * 1_000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
