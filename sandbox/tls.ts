/**
 * The sandbox's own certificate authority and a server certificate for this machine's loopback names. Clients trust it
 * by `NODE_EXTRA_CA_CERTS`, so that TLS is verified everywhere, as it is against Microsoft.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const DAY_MS = 86_400_000;
const CA_DAYS = 3_650;
/** clients such as browsers refuse server certificates that are valid for longer */
const SERVER_DAYS = 365;
const RENEW_BEFORE_DAYS = 30;

export interface ServerTls {
  /** PEM, private key of the server certificate */
  readonly key: string;
  /** PEM, server certificate */
  readonly cert: string;
  /** file with the CA's certificate, for NODE_EXTRA_CA_CERTS */
  readonly caPath: string;
}

/**
 * The certificates in `folder`, made where they are missing. A new server certificate is made when less than 30 days
 * are left, or a name is missing in it; the CA stays, so that clients which run need no restart.
 *
 * @param names of the servers, beside localhost
 */
export async function serverTls(folder: string, now: Date, names: readonly string[] = []): Promise<ServerTls> {
  await mkdir(folder, { recursive: true });
  const caPath = join(folder, 'ca.pem');
  const ca =
    (await readPair(caPath, join(folder, 'ca-key.pem'), now)) ??
    (await write(caPath, join(folder, 'ca-key.pem'), await makeCa(now)));
  const certPath = join(folder, 'server.pem');
  const keyPath = join(folder, 'server-key.pem');
  const kept = await readPair(certPath, keyPath, now);
  const server =
    kept && isOf(kept.cert, names) && new X509Certificate(kept.cert).checkIssued(new X509Certificate(ca.cert))
      ? kept
      : await write(certPath, keyPath, await makeServer(ca, now, names));
  return { ...server, caPath };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function makeCa(now: Date): Promise<Pair> {
  // A name of its own: who trusts two authorities of one name takes the first, and finds a wrong signature.
  const name = `Sandbox cloud CA ${randomBytes(4).toString('hex')} (trust on this machine only)`;
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - DAY_MS),
    notAfterDate: new Date(now.getTime() + CA_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

const isOf = (cert: string, names: readonly string[]): boolean =>
  names.every((name) => new X509Certificate(cert).checkHost(name) !== undefined);

async function makeServer(ca: Pair, now: Date, names: readonly string[]): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - DAY_MS),
    notAfterDate: new Date(now.getTime() + SERVER_DAYS * DAY_MS),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...new Set(['localhost', ...names])].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** The kept pair, or undefined when it is missing or near its end. */
async function readPair(certPath: string, keyPath: string, now: Date): Promise<Pair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, 'utf8'), readFile(keyPath, 'utf8')]);
    const daysLeft = (Date.parse(new X509Certificate(cert).validTo) - now.getTime()) / DAY_MS;
    return daysLeft > RENEW_BEFORE_DAYS ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

async function write(certPath: string, keyPath: string, pair: Pair): Promise<Pair> {
  await replace(keyPath, pair.key, 0o600);
  await replace(certPath, pair.cert, 0o644);
  return pair;
}

/** Another sandbox on the same folder sees either the old file or the new one, never half of it. */
async function replace(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}
