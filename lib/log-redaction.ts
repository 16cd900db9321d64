/**
 * What may stand in a log line. Callers log ids and counts; this is the second lock, for what they did not think of: an
 * error that carries a request, a row with a password, a job with its connection.
 *
 * Two passes: `loggable` copies an object without what its names or types say is secret, `withoutSecrets` looks through the
 * finished line for what looks like a secret, or is one of this process.
 */
import { KeyObject } from 'node:crypto';

const REDACTED = '[redacted]';

/** Names whose values are never logged, at any depth. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)|secret|token|authoriz|cookie|credential|assertion|nonce|sealed|signature|connection_?string|keys?$|^(?:pass|pwd|auth|sig|jwt|ring|keyring)$/i;
/** Names of what people wrote, and of requests and answers that hold it. */
const CONTENT_NAME =
  /^(?:text|body|content|html|subject|headers|rawheaders|config|response|request|req|res|options|opts|parameters|params|values|input|received|detail|hint|where|internalquery|_raw\w*)$/i;
/** Codes and counts may have such names. */
const HARMLESS = new Set(['boolean', 'undefined']);

const MOST_DEPTH = 6;
const MOST_MEMBERS = 100;

/** A copy for the log. Errors keep name, message, code, stack and cause; bytes, keys and functions leave their kind. */
export function loggable(value: unknown): unknown {
  return copy(value, 0, new Set());
}

function copy(value: unknown, depth: number, above: ReadonlySet<object>): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (value instanceof Date) return value;
  if (value instanceof KeyObject) return '[key]';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  const around = new Set([...above, value]);
  if (value instanceof Error) return errorCopy(value, depth, around);
  if (depth === MOST_DEPTH) return '[deeper]';
  if (value instanceof URL) return value.href;
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`;
  if (Array.isArray(value)) return value.slice(0, MOST_MEMBERS).map((member) => copy(member, depth + 1, around));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_MEMBERS)
      .map(([name, member]) => [name, mayShow(name, member) ? copy(member, depth + 1, around) : REDACTED]),
  );
}

function mayShow(name: string, member: unknown): boolean {
  if (HARMLESS.has(typeof member) || member === null) return true;
  if (SECRET_NAME.test(name)) return false;
  return !CONTENT_NAME.test(name);
}

const SAYS: ReadonlySet<string> = new Set([
  ...['code', 'status', 'statusCode', 'syscall', 'errno', 'constraint', 'table', 'digest', 'failure', 'reason'],
  ...['requestId', 'retryAfterSeconds', 'keyId', 'position'],
]);

/** What an error says of itself. Its other members are whatever a library hung on it: requests, answers, rows. */
function errorCopy(error: Error, depth: number, around: ReadonlySet<object>): object {
  const plain = Object.entries(error).filter(
    ([name, value]) => SAYS.has(name) && (typeof value === 'string' || typeof value === 'number'),
  );
  const deeper = (inner: unknown): unknown => (depth < MOST_DEPTH ? copy(inner, depth + 1, around) : '[deeper]');
  return {
    type: error.name,
    message: messageOf(error),
    ...Object.fromEntries(plain),
    stack: stackOf(error),
    ...(error.cause instanceof Error ? { cause: deeper(error.cause) } : {}),
    ...(error instanceof AggregateError ? { errors: error.errors.slice(0, 5).map(deeper) } : {}),
  };
}

/** Parsers and PostgreSQL quote what they could not read, which may be what somebody wrote. */
function messageOf(error: Error): string {
  const quotes = error instanceof SyntaxError || error.name === 'ZodError' || /^invalid .*: "/.test(error.message);
  return quotes ? error.message.replace(/["'`][\s\S]*["'`]/, '"…"').slice(0, 200) : error.message;
}

/** The frames alone: the message above them stands beside it. */
function stackOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

/** What looks like a secret, wherever it stands in a line. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bsealed\.[A-Za-z0-9_-]{20,}/g, 'sealed.…'],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,3}/g, REDACTED],
  [/\b(Bearer|Basic)(\s+|%20)[A-Za-z0-9+/=._~-]{4,}/gi, `$1 ${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"\\]*:)[^\s/@"\\]+@/gi, `$1${REDACTED}@`],
  [/\b(AccountKey|SharedAccessSignature|SharedAccessKey)=[^\s;"\\]+/gi, `$1=${REDACTED}`],
  [
    /\b(sig|code|token|access_token|id_token|refresh_token|client_secret|client_assertion|password|state|authtoken|uploadtoken)=[^\s&"\\]+/gi,
    `$1=${REDACTED}`,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
];

/**
 * A line without what looks like a secret.
 *
 * @param known secrets of this process, which are found in every form that JSON gives them
 */
export function withoutSecrets(line: string, known: readonly string[] = []): string {
  let clean = line;
  for (const [pattern, instead] of PATTERNS) clean = clean.replace(pattern, instead);
  for (const secret of known) {
    for (const form of new Set([JSON.stringify(secret).slice(1, -1), secret, encodeURIComponent(secret)])) {
      clean = clean.replaceAll(form, REDACTED);
    }
  }
  return clean;
}
