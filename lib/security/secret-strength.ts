/**
 * Secrets that protect nothing: typed instead of drawn, or printed in this project. An installation of which every host is
 * this machine may have them, any other does not start.
 */
import type { KeyRing } from './keyring.ts';
import { isPrintedSecret } from './printed-secrets.ts';

/** What is looked at, of the environment. */
export interface GuardedSettings {
  readonly DATABASE_URL: string;
  readonly REDIS_URL: string;
  readonly AZURE_STORAGE_CONNECTION_STRING?: string | undefined;
  readonly AZURE_STORAGE_ACCOUNT_URL?: string | undefined;
  readonly TELEMESSAGE_URL: string;
  readonly GRAPH_URL?: string | undefined;
  readonly ENTRA_AUTHORITY?: string | undefined;
  readonly ENTRA_CLIENT_SECRET?: string | undefined;
  readonly NEXTAUTH_URL: string;
  readonly NEXTAUTH_SECRET: string;
  readonly ENCRYPTION_KEYS: KeyRing;
  /** `id:base64`, comma separated */
  readonly AUDIT_KEYS: string;
  readonly SMTP_HOST?: string | undefined;
  readonly SMTP_PASSWORD?: string | undefined;
  readonly HEARTBEAT_URL?: string | undefined;
  readonly NOTIFICATION_HOSTS: readonly string[];
  readonly NOTIFICATION_PRIVATE_HOSTS: readonly string[];
}

/** One sentence for each secret that this installation must not have, without a byte of it. None: it may start. */
export function uselessSecrets(settings: GuardedSettings): string[] {
  if (isOfThisMachine(settings)) return [];
  const found: string[] = [];
  const weakness = visibleWeakness(settings.NEXTAUTH_SECRET);
  if (weakness !== null) found.push(`NEXTAUTH_SECRET ${weakness}; make one with: openssl rand -base64 48`);
  const printed: readonly (readonly [string, string | undefined])[] = [
    ['NEXTAUTH_SECRET', settings.NEXTAUTH_SECRET],
    ['ENTRA_CLIENT_SECRET', settings.ENTRA_CLIENT_SECRET],
    ['SMTP_PASSWORD', settings.SMTP_PASSWORD],
    ['The password in DATABASE_URL', passwordIn(settings.DATABASE_URL)],
    ['The password in REDIS_URL', passwordIn(settings.REDIS_URL)],
    [
      'The account key in AZURE_STORAGE_CONNECTION_STRING',
      partOf(settings.AZURE_STORAGE_CONNECTION_STRING, 'AccountKey'),
    ],
    ...[...settings.ENCRYPTION_KEYS.keys.values()].map(
      ({ id, key }) => [`The key ${id} of ENCRYPTION_KEYS`, key.export().toString('base64')] as const,
    ),
    ...settings.AUDIT_KEYS.split(',').map((entry) => ['A key of AUDIT_KEYS', entry.trim().split(':')[1]] as const),
  ];
  for (const [what, secret] of printed) {
    if (secret !== undefined && isPrintedSecret(secret)) {
      found.push(`${what} is printed in this project: it is taken only where every host is this machine`);
    }
  }
  return found;
}

/** Whether every host that the settings name, or that is asked when they name none, is a loopback address. */
export function isOfThisMachine(settings: GuardedSettings): boolean {
  // Without these Microsoft's are asked.
  if (settings.GRAPH_URL === undefined || settings.ENTRA_AUTHORITY === undefined) return false;
  const urls = [
    settings.TELEMESSAGE_URL,
    settings.NEXTAUTH_URL,
    settings.REDIS_URL,
    settings.GRAPH_URL,
    settings.ENTRA_AUTHORITY,
    settings.AZURE_STORAGE_ACCOUNT_URL,
    settings.HEARTBEAT_URL,
    settings.SMTP_HOST === undefined ? undefined : `smtp://${settings.SMTP_HOST}`,
    ...[...settings.NOTIFICATION_HOSTS, ...settings.NOTIFICATION_PRIVATE_HOSTS].map((host) => `https://${host}`),
  ];
  return (
    urls.every((url) => url === undefined || isLoopback(hostOf(url))) &&
    isLocalDatabase(settings.DATABASE_URL) &&
    isLocalStorage(settings.AZURE_STORAGE_CONNECTION_STRING)
  );
}

const hostOf = (url: string): string => URL.parse(url)?.hostname ?? '';

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** PostgreSQL's client takes hosts, also sockets, from parameters of the address; one with several is no single URL. */
function isLocalDatabase(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  const [host = url.hostname, ...others] = url.searchParams.getAll('host');
  return others.length === 0 && (host.startsWith('/') || isLoopback(host));
}

function isLocalStorage(connectionString: string | undefined): boolean {
  if (connectionString === undefined || connectionString === 'UseDevelopmentStorage=true') return true;
  const endpoint = partOf(connectionString, 'BlobEndpoint');
  return endpoint !== undefined && isLoopback(hostOf(endpoint));
}

/** A part of a connection string, `Name=value;…`. */
function partOf(connectionString: string | undefined, name: string): string | undefined {
  return connectionString
    ?.split(';')
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function passwordIn(address: string): string | undefined {
  const { password } = URL.parse(address) ?? { password: '' };
  try {
    return password === '' ? undefined : decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** An honest draw of 32 characters has more, also in hexadecimal: of a million drawn none had less than 87. */
const LEAST_BITS = 84;
const SAMPLE_WORDS =
  /secret|password|change.?me|example|sample|replace|your.?key|placeholder|qwerty|0123456789|abcdef0|abcdefghij/i;

/** Why a text is not random, as far as one can see; null where one cannot. */
export function visibleWeakness(secret: string): string | null {
  if (SAMPLE_WORDS.test(secret)) return 'looks like a sample';
  if (isRepeated(secret)) return 'repeats itself';
  if (entropyBits(secret) < LEAST_BITS) return 'has too few different characters to be random';
  return null;
}

/** One text again and again, the last time perhaps not to its end. */
function isRepeated(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.slice(period) === text.slice(0, -period)) return true;
  }
  return false;
}

/** Shannon's entropy of the characters as they are spread, times their number. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / length), 0);
}
