/**
 * Where secrets come from besides the environment: `NAME_FILE=/run/secrets/name` reads a file, and
 * `NAME=keyvault://<vault host>/<secret>[/<version>]` asks Azure Key Vault. Each is read once, at start.
 */
import { readFile, stat } from 'node:fs/promises';
import type { TokenCredential } from '@azure/identity';
import type { SecretClient, SecretClientOptions } from '@azure/keyvault-secrets';

/** A secret cannot be had. The message names variable, file and vault, never a byte of a value. */
export class SecretSourceError extends Error {
  override name = 'SecretSourceError';
}

/** The value of a vault's secret. @throws whatever the client throws */
export type AskVault = (host: string, name: string, version: string | undefined) => Promise<string | undefined>;

type Source = Readonly<Record<string, string | undefined>>;

/** Refers to a vault. */
export const VAULT_PREFIX = 'keyvault://';
const VAULT_REFERENCE =
  /^keyvault:\/\/(?<host>[A-Za-z0-9.-]+(?::\d{1,5})?)\/(?<name>[0-9A-Za-z-]{1,127})(?:\/(?<version>[0-9a-f]{32}))?$/;
/** What an operating system or an orchestrator mounts as a secret is far smaller. */
const MOST_BYTES = 64 * 1024;

/**
 * The values of `names` that `source` leaves to files and vaults. One newline at the end of a file is no part of it.
 *
 * @param names variables that may hold a secret; no other is read from elsewhere
 * @throws SecretSourceError
 */
export async function readSecretSources(
  source: Source,
  names: readonly string[],
  askVault: AskVault,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  // One after another: where several are wrong, the first of the list is named, whichever answers first.
  for (const name of names) {
    const value = source[name] || undefined;
    const file = source[`${name}_FILE`] || undefined;
    if (value !== undefined && file !== undefined) {
      throw new SecretSourceError(`${name} and ${name}_FILE are both set. Set one of them.`);
    }
    if (file !== undefined) values[name] = await readSecretFile(name, file);
    else if (value?.startsWith(VAULT_PREFIX)) values[name] = await readVault(name, value, askVault);
  }
  return values;
}

async function readSecretFile(name: string, path: string): Promise<string> {
  const wrong = (problem: string): never => {
    throw new SecretSourceError(`${name}_FILE: ${path} ${problem}`);
  };
  const value = await stat(path)
    .then(({ size }) => (size > MOST_BYTES ? wrong('is too large for a secret.') : readFile(path, 'utf8')))
    .catch((error: unknown) => {
      if (error instanceof SecretSourceError) throw error;
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return wrong(`cannot be read (${code}).`);
    });
  const secret = value.replace(/\r?\n$/, '');
  return secret === '' ? wrong('is empty.') : secret;
}

async function readVault(name: string, reference: string, askVault: AskVault): Promise<string> {
  const { host, name: secret, version } = VAULT_REFERENCE.exec(reference)?.groups ?? {};
  if (host === undefined || secret === undefined) {
    throw new SecretSourceError(`${name}: a reference to a vault is keyvault://<vault host>/<secret>[/<version>].`);
  }
  const value = await askVault(host, secret, version).catch((error: unknown) => {
    throw new SecretSourceError(`${name}: the vault ${host} did not give ${secret} (${reasonOf(error)}).`);
  });
  if (!value) throw new SecretSourceError(`${name}: ${secret} in the vault ${host} is empty.`);
  return value;
}

/** Status and code, not the message: it may quote what was sent. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const status = 'statusCode' in error ? error.statusCode : undefined;
  const code = 'code' in error ? error.code : undefined;
  return [status, code].filter((part) => typeof part === 'number' || typeof part === 'string').join(' ') || error.name;
}

export interface VaultSettings {
  /** default: this machine's identity (managed identity, workload identity, AZURE_* variables) */
  readonly credential?: TokenCredential;
  /** where that identity signs in, other than a managed one: the cloud's host of Entra ID */
  readonly authorityHost?: string;
  readonly options?: SecretClientOptions;
}

/** Asks vaults, with one client each. */
export function keyVault({ credential: given, authorityHost, options }: VaultSettings): AskVault {
  const clients = new Map<string, SecretClient>();
  return async (host, name, version) => {
    // Loaded where a vault is named only: every process reads this file.
    const [{ DefaultAzureCredential }, { SecretClient }] = await Promise.all([
      import('@azure/identity'),
      import('@azure/keyvault-secrets'),
    ]);
    const credential = given ?? new DefaultAzureCredential({ authorityHost });
    const client = clients.get(host) ?? new SecretClient(`https://${host}`, credential, options);
    clients.set(host, client);
    return (await client.getSecret(name, version === undefined ? {} : { version })).value;
  };
}
