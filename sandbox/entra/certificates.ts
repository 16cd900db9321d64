/** Certificates of the portal's app registration, by which it can prove itself instead of by its secret. */
import { X509Certificate } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

export interface AppCertificate {
  /** SHA-256 in upper-case hex, as the portal of Entra ID shows it */
  readonly thumbprint: string;
  readonly subject: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly pem: string;
}

export interface CertificateRegistry {
  all(): readonly AppCertificate[];
  /**
   * Registers a certificate; once more is no fault.
   * @throws {RangeError} no certificate with an RSA key, or a private key beside it
   */
  add(pem: string): AppCertificate;
  /** False when there is none with this thumbprint. */
  remove(thumbprint: string): boolean;
  clear(): void;
  /** By the thumbprint in an assertion's header, base64url: `x5t#S256`, or `x5t`, which is SHA-1. */
  find(thumbprint: { readonly sha256?: string; readonly sha1?: string }): AppCertificate | undefined;
}

/** Registered certificates, kept in the sandbox's database. */
export function certificateRegistry(database: DatabaseSync): CertificateRegistry {
  database.exec('CREATE TABLE IF NOT EXISTS entra_certificate (thumbprint TEXT PRIMARY KEY, pem TEXT NOT NULL) STRICT');
  const list = database.prepare('SELECT pem FROM entra_certificate ORDER BY rowid');
  const insert = database.prepare('INSERT OR IGNORE INTO entra_certificate VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM entra_certificate WHERE thumbprint = ?');

  const all = (): readonly AppCertificate[] => list.all().map(({ pem }) => described(read(String(pem)), String(pem)));
  return {
    all,
    add: (pem) => {
      const certificate = described(publicOnly(pem), pem.trim());
      insert.run(certificate.thumbprint, certificate.pem);
      return certificate;
    },
    remove: (thumbprint) => remove.run(thumbprint.replaceAll(':', '').toUpperCase()).changes > 0,
    clear: () => database.exec('DELETE FROM entra_certificate'),
    find: ({ sha256, sha1 }) =>
      all().find(({ pem, thumbprint }) =>
        sha256 === undefined
          ? sha1 === base64url(read(pem).fingerprint.replaceAll(':', ''))
          : sha256 === base64url(thumbprint),
      ),
  };
}

function publicOnly(pem: string): X509Certificate {
  if (pem.includes('PRIVATE KEY')) throw new RangeError('Send the certificate alone, never its private key.');
  let certificate: X509Certificate;
  try {
    certificate = read(pem);
  } catch {
    throw new RangeError('This is no certificate in PEM.');
  }
  if (certificate.publicKey.asymmetricKeyType !== 'rsa') throw new RangeError('The key of the certificate is not RSA.');
  return certificate;
}

function read(pem: string): X509Certificate {
  return new X509Certificate(pem);
}

function described(certificate: X509Certificate, pem: string): AppCertificate {
  return {
    thumbprint: certificate.fingerprint256.replaceAll(':', ''),
    subject: certificate.subject,
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    pem,
  };
}

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}
