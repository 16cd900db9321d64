/**
 * Structured logs (pino, JSON lines on standard output). Lines carry ids and counts, never message text, numbers' owners
 * or secrets; `log-redaction.ts` is the second lock, not the first.
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import { type Env, env, SECRET_NAMES } from './env.ts';
import { loggable, withoutSecrets } from './log-redaction.ts';
import { tracing } from './tracing/tracing.ts';

let root: Logger | undefined;

/** The process's logger, or a child that carries `bindings` (for example `{ importId }`). */
export function log(bindings?: Readonly<Record<string, unknown>>): Logger {
  root ??= createLog(env().LOG_LEVEL, secretsOf(env()));
  return bindings ? root.child(bindings) : root;
}

/**
 * A logger that lets no secret through.
 *
 * @param known secrets of this process, which no line has wherever they came from
 */
export function createLog(level: string, known: readonly string[], destination?: DestinationStream): Logger {
  const logger = pino(
    {
      level,
      base: null,
      // Of a request or a job that is traced: the trace's id, by which its spans are found.
      mixin: () => tracing()?.ids() ?? {},
      formatters: { log: membersOf },
      // An error is turned into what may be said of it before pino sees it.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: (line) => withoutSecrets(line, known) },
    },
    destination ?? pino.destination(1),
  );
  // pino formats what a line says and not what a child is bound to. Children have this from their parent, as it does.
  const { child } = logger;
  logger.child = function bound(bindings, options) {
    return Reflect.apply(child, this, [membersOf(bindings), options]);
  };
  return logger;
}

function membersOf(facts: object): Record<string, unknown> {
  const members = loggable(facts);
  return typeof members === 'object' && members !== null ? { ...members } : {};
}

/** The parts of the settings that are secret: of an address its password alone, or every line about a host would be cut. */
function secretsOf(settings: Env): string[] {
  return SECRET_NAMES.flatMap((name) => {
    const value = settings[name];
    if (typeof value !== 'string') return [];
    const url = URL.parse(value);
    if (url === null || name === 'HEARTBEAT_URL') return [value];
    return [url.password, decoded(url.password)];
  }).filter((secret) => secret.length >= LEAST_LENGTH);
}

/** A shorter one would be found in words that have nothing to do with it. */
const LEAST_LENGTH = 8;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
