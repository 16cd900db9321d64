/**
 * The environment, read and validated once. The only file of the product that touches `process.env`.
 *
 * A process begins with `readEnv`, which also reads what the environment leaves to files and to Azure Key Vault; from then
 * on `env` answers, and the variables of `SECRET_NAMES` are in `process.env` no more.
 *
 * Every variable is documented in `.env.example`. A wrong value stops the start with a sentence that names the variable
 * and never its value.
 */
import { z } from 'zod';
import { MICROSOFT_CLOUDS, microsoftHosts } from './microsoft/clouds.ts';
import { sendByProxy } from './outgoing.ts';
import { KeyRingError, parseKeyRing } from './security/keyring.ts';
import {
  type AskVault,
  keyVault,
  readSecretSources,
  SecretSourceError,
  VAULT_PREFIX,
} from './security/secret-sources.ts';
import { uselessSecrets } from './security/secret-strength.ts';

const url = z.url();
const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);

/** Host names with an optional port, in lower case. */
const hostList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((host) => host.trim().toLowerCase())
      .filter(Boolean),
  )
  .pipe(z.array(z.string().regex(/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/, 'must be hosts, comma separated')));

const schema = z.object({
  DATABASE_URL: z.string().startsWith('postgres'),
  REDIS_URL: z.string().startsWith('redis'),
  /** whether a failover of the database may lose what was committed: a replica that lags, an asynchronous standby */
  DATABASE_FAILOVER: z.enum(['may-lose', 'loses-nothing']).default('may-lose'),
  /** prefix of every key in Redis, so that two installations may share one server */
  REDIS_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('portal'),
  AZURE_STORAGE_CONNECTION_STRING: z.string().optional(),
  AZURE_STORAGE_ACCOUNT_URL: url.optional(),
  STAGING_CONTAINER: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{2,62}$/)
    .default('staging'),
  TELEMESSAGE_URL: url,
  MICROSOFT_CLOUD: z.enum(MICROSOFT_CLOUDS).default('public'),
  /** where a workload identity signs in, which sets it; a managed identity asks its own machine */
  AZURE_AUTHORITY_HOST: url.optional(),
  GRAPH_URL: url.optional(),
  ENTRA_AUTHORITY: url.optional(),
  ENTRA_CLIENT_ID: z.guid(),
  ENTRA_CLIENT_SECRET: z.string().min(1).optional(),
  /** path of a PEM file with certificate and private key, instead of a secret */
  ENTRA_CLIENT_CERTIFICATE: z.string().optional(),
  /** the day on which ENTRA_CLIENT_SECRET ends, as Entra ID shows it; a certificate says so itself */
  ENTRA_CLIENT_SECRET_EXPIRES: z.iso.date().optional(),
  /** the proxy for all HTTPS, and hosts that go past it; `lib/outgoing.ts` and Azure's clients read them */
  HTTPS_PROXY: z.url({ protocol: /^https?$/ }).optional(),
  NO_PROXY: z.string().optional(),
  /** a PEM file; Node reads it when the process begins */
  NODE_EXTRA_CA_CERTS: z.string().optional(),
  /** Entra tenant ids that may sign in, comma separated */
  ORGANIZATIONS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim().toLowerCase())
        .filter(Boolean),
    )
    .pipe(z.array(z.guid()).min(1)),
  /** whether the Exchange role Mailbox Import Export makes an administrator, too, where a tenant lets it be read */
  EXCHANGE_ADMINS: z.enum(['yes', 'no']).default('yes'),
  NEXTAUTH_URL: url,
  NEXTAUTH_SECRET: z.string().min(32),
  /** `id:base64 of 32 bytes`, newest first, comma separated. Its text is not kept: key bytes live in the ring alone */
  ENCRYPTION_KEYS: z.string().transform((text, context) => {
    try {
      return parseKeyRing(text);
    } catch (error) {
      if (!(error instanceof KeyRingError)) throw error;
      // The name stands in front of it already.
      context.addIssue({ code: 'custom', message: error.message.replace('ENCRYPTION_KEYS ', '') });
      return z.NEVER;
    }
  }),
  /** links and signs the audit log: `id:base64 of 32 bytes`, newest first; an old one verifies what it linked */
  AUDIT_KEYS: z.string().min(1),
  /** blob container for the audit log's anchors, on which the operator sets a locked retention policy */
  AUDIT_ANCHOR_CONTAINER: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{2,62}$/)
    .default('audit-anchors'),
  /** how long evidence and the audit log are kept, years */
  EVIDENCE_RETENTION_YEARS: z.coerce.number().int().min(1).max(100).default(7),
  AUDIT_RETENTION_YEARS: z.coerce.number().int().min(1).max(100).default(7),
  /** how many proxies stand in front of the portal, each of which adds to X-Forwarded-For */
  TRUSTED_PROXIES: z.coerce.number().int().min(1).max(10).default(1),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** domain of the addresses that stand for parties without a mailbox */
  UNMAPPED_DOMAIN: z.string().default('mobile.invalid'),
  /** server that takes notifications by e-mail; without it there are none by e-mail */
  SMTP_HOST: z.string().min(1).optional(),
  SMTP_PORT: z.coerce.number().int().min(1).max(65_535).default(587),
  /** `starttls` is demanded, never only tried; `tls` from the first byte on, mostly on port 465 */
  SMTP_SECURITY: z.enum(['starttls', 'tls']).default('starttls'),
  SMTP_USER: z.string().min(1).optional(),
  SMTP_PASSWORD: z.string().min(1).optional(),
  /** address that notifications come from */
  SMTP_FROM: z.email().optional(),
  /** hosts, or host:port, that webhooks and heartbeats of connectors may be sent to, comma separated */
  NOTIFICATION_HOSTS: hostList,
  /** the same, for those that have addresses of a private network or of this machine */
  NOTIFICATION_PRIVATE_HOSTS: hostList,
  /** asked for by each worker after every round in which everything that is due could be asked for */
  HEARTBEAT_URL: url.optional(),
  /** operator's choice before the first import; default: the catalogue's class of the connector kind */
  MESSAGE_CLASS: z.string().startsWith('IPM').optional(),
  /** longest time that one Graph request may take */
  GRAPH_TIMEOUT_SECONDS: seconds(60),
  /** how long a shard of mailboxes belongs to a worker that does not renew */
  SHARD_LEASE_SECONDS: seconds(120),
  /** how long after its deadline a request may still take effect at Microsoft */
  LATE_COMMIT_SECONDS: seconds(600),
  /** how often the reconciler looks for what is due */
  RECONCILE_SECONDS: seconds(60),
  /** where traces go; none are collected without */
  OTEL_EXPORTER_OTLP_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  /** often a key: `name=value`, comma separated */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  /** read by OpenTelemetry itself, as its other variables are */
  OTEL_TRACES_SAMPLER: z
    .enum([
      ...(['always_on', 'always_off', 'traceidratio'] as const),
      ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
    ])
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
  WORKER_CONCURRENCY: z.coerce.number().int().positive().default(40),
  /** address of the worker's internal listener; never the public one */
  WORKER_HEALTH_HOST: z.string().default('127.0.0.1'),
  WORKER_HEALTH_PORT: z.coerce.number().int().min(0).default(3001),
});

export type Env = Readonly<z.infer<typeof schema>>;

/** The names of all variables that the product reads, for the documentation test. */
export const ENV_NAMES = Object.keys(schema.shape);

/** Variables that hold a secret: each may come from a file or a vault (`security/secret-sources.ts`), and no log prints it. */
export const SECRET_NAMES = [
  'DATABASE_URL',
  'REDIS_URL',
  'AZURE_STORAGE_CONNECTION_STRING',
  'ENTRA_CLIENT_SECRET',
  'NEXTAUTH_SECRET',
  'ENCRYPTION_KEYS',
  'AUDIT_KEYS',
  'SMTP_PASSWORD',
  'HEARTBEAT_URL',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const satisfies readonly (keyof Env)[];

/** Thrown at start-up; the message names the variables, never their values. */
export class EnvError extends Error {
  override name = 'EnvError';
}

/**
 * Parses an environment. @throws EnvError with one line for each wrong variable.
 */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  // An empty variable is an absent one: compose files and shells cannot unset.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const unread = SECRET_NAMES.filter((name) => given[`${name}_FILE`] && !given[name]);
  const referring = Object.keys(given).filter((name) => name in schema.shape && given[name]?.startsWith(VAULT_PREFIX));
  if (unread.length + referring.length > 0) {
    const names = [...unread, ...referring].join(', ');
    throw new EnvError(`${names}: a file or a vault is read at start only, and for secrets only. See docs/keys.md.`);
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new EnvError(`The environment is not complete. See .env.example.\n${lines.join('\n')}`);
  }
  if (!parsed.data.AZURE_STORAGE_CONNECTION_STRING && !parsed.data.AZURE_STORAGE_ACCOUNT_URL) {
    throw new EnvError('Set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_URL. See .env.example.');
  }
  if (!parsed.data.ENTRA_CLIENT_SECRET && !parsed.data.ENTRA_CLIENT_CERTIFICATE) {
    throw new EnvError('Set ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE. See .env.example.');
  }
  if (parsed.data.SHARD_LEASE_SECONDS < 2 * parsed.data.GRAPH_TIMEOUT_SECONDS) {
    throw new EnvError('SHARD_LEASE_SECONDS must be at least twice GRAPH_TIMEOUT_SECONDS. See .env.example.');
  }
  if (parsed.data.SMTP_HOST && !parsed.data.SMTP_FROM) {
    throw new EnvError('Set SMTP_FROM beside SMTP_HOST. See .env.example.');
  }
  if ((parsed.data.SMTP_USER === undefined) !== (parsed.data.SMTP_PASSWORD === undefined)) {
    throw new EnvError('Set SMTP_USER and SMTP_PASSWORD together, or neither. See .env.example.');
  }
  const useless = uselessSecrets(parsed.data);
  if (useless.length > 0) throw new EnvError(`${useless.join('.\n')}.`);
  return parsed.data;
}

// Next gives every bundle modules of its own: what was read is kept for the process.
const holder = globalThis as typeof globalThis & { portalEnv?: Env };

/**
 * Reads the process's environment with what it leaves to files and vaults, and takes the secrets out of `process.env`:
 * no child process inherits them. To be awaited before anything else asks `env`.
 *
 * @throws EnvError
 */
export async function readEnv(askVault?: AskVault): Promise<Env> {
  if (holder.portalEnv) return holder.portalEnv;
  sendByProxy(process.env);
  const secrets = await secretsOf(process.env, askVault);
  const read = parseEnv({ ...process.env, ...secrets });
  for (const name of SECRET_NAMES) delete process.env[name];
  holder.portalEnv = read;
  return read;
}

/**
 * Where this machine's own identity signs in at Azure, for storage and vaults: a host of the cloud. Also of an environment that is
 * not checked yet: what is wrong in it is said later.
 */
export function identityAuthority(source: {
  readonly AZURE_AUTHORITY_HOST?: string | undefined;
  readonly MICROSOFT_CLOUD?: string | undefined;
}): string {
  const cloud = schema.shape.MICROSOFT_CLOUD.safeParse(source.MICROSOFT_CLOUD || undefined).data ?? 'public';
  return source.AZURE_AUTHORITY_HOST || microsoftHosts(cloud).authority;
}

const unchecked = () => {
  const { AZURE_AUTHORITY_HOST, MICROSOFT_CLOUD } = process.env;
  return { AZURE_AUTHORITY_HOST, MICROSOFT_CLOUD };
};

/** One secret from the environment, a file or a vault, where a script needs no more than that. @throws EnvError */
export async function readSecret(name: (typeof SECRET_NAMES)[number]): Promise<string | undefined> {
  const { [name]: value, [`${name}_FILE`]: file } = process.env;
  return (await secretsOf({ [name]: value, [`${name}_FILE`]: file }))[name] ?? (value || undefined);
}

async function secretsOf(
  source: Readonly<Record<string, string | undefined>>,
  askVault?: AskVault,
): Promise<Record<string, string>> {
  try {
    return await readSecretSources(
      source,
      SECRET_NAMES,
      askVault ?? keyVault({ authorityHost: identityAuthority(unchecked()) }),
    );
  } catch (error) {
    throw error instanceof SecretSourceError ? new EnvError(error.message) : error;
  }
}

/** The process's environment. Parsed at the first call, so that a build needs none. @throws EnvError */
export function env(): Env {
  holder.portalEnv ??= parseEnv(process.env);
  return holder.portalEnv;
}
