/**
 * Structured logs (pino, JSON lines on standard output). Lines carry ids and counts, never message text, numbers' owners
 * or secrets; the redaction below is the second lock, not the first.
 */
import { type Logger, pino } from 'pino';
import { env } from './env.ts';

const REDACTED = ['password', 'passwordSealed', 'token', 'authorization', 'text', 'body', 'secret', 'clientSecret'];

/** Paths that never reach a log line, at the top and one level down. */
export const redactedPaths = REDACTED.flatMap((name) => [name, `*.${name}`]);

let root: Logger | undefined;

/** The process's logger, or a child that carries `bindings` (for example `{ importId }`). */
export function log(bindings?: Readonly<Record<string, unknown>>): Logger {
  root ??= pino({ level: env().LOG_LEVEL, redact: { paths: redactedPaths, censor: '[redacted]' }, base: null });
  return bindings ? root.child(bindings) : root;
}
