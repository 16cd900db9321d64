/** The sandbox's settings: environment variables, validated once. The only file of the sandbox that reads them. */
import { join } from 'node:path';
import { z } from 'zod';
import type { NationalCloud } from './world/clouds.ts';

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);
const yesNo = (standard: 'yes' | 'no') =>
  z
    .enum(['yes', 'no'])
    .default(standard)
    .transform((value) => value === 'yes');

const environment = z.object({
  /** browser: sign-in, consent, pages, control API (http). Port 0 takes a free one */
  SANDBOX_HTTP_PORT: port(4000),
  /** Entra ID: discovery, keys, tokens (https) */
  SANDBOX_ENTRA_PORT: port(4443),
  /** Graph: /v1.0 and /beta (https) */
  SANDBOX_GRAPH_PORT: port(4444),
  SANDBOX_TELEMESSAGE_PORT: port(4445),
  /** mail server (SMTP with STARTTLS) */
  SANDBOX_SMTP_PORT: port(4446),
  /** takes webhooks and heartbeats (https) */
  SANDBOX_HOOKS_PORT: port(4447),
  SANDBOX_HOST: z.string().default('127.0.0.1'),
  /** `yes` lets SANDBOX_HOST be an address that other machines reach */
  SANDBOX_ALLOW_REMOTE: yesNo('no'),
  /** how programs name this machine, in addresses and certificates: a container's name on its network. Browsers say localhost */
  SANDBOX_NAME: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/)
    .default('localhost'),
  /** stands in for Entra ID and Graph of this cloud under their own names, which somebody must lead to its ports */
  SANDBOX_CLOUD: z.enum(['gcc-high', 'dod', 'china']).optional(),
  /** of the portal's app registration, in place of the published one */
  SANDBOX_CLIENT_SECRET: z.string().min(16).optional(),
  /** folder for state, or `memory` */
  SANDBOX_DATA: z.string().min(1).default('.data/sandbox'),
  /** folder for the CA and the server certificate; by default `tls` in SANDBOX_DATA */
  SANDBOX_TLS_DIR: z.string().min(1).optional(),
  /** seed of everything that is random: conversations, fault rates */
  SANDBOX_SEED: z.coerce.number().int().nonnegative().default(1),
  /** a corpus that the phones speak instead of generated conversations */
  SANDBOX_CORPUS: z.string().min(1).optional(),
  /** only the first messages of the corpus */
  SANDBOX_CORPUS_LIMIT: z.coerce.number().int().min(1).optional(),
  /** days before the first start over which the corpus is spread */
  SANDBOX_CORPUS_DAYS: z.coerce.number().int().min(1).max(89).default(1),
  SANDBOX_ITEMS_PER_DAY: z.coerce.number().int().min(1).max(1_000_000).default(200),
  /** `no` keeps the SHA-256 of message bodies and attachments instead of them */
  SANDBOX_KEEP_BODIES: yesNo('yes'),
  /** lifetime of access tokens in seconds */
  SANDBOX_TOKEN_SECONDS: z.coerce.number().int().min(1).max(86_400).default(3_599),
  /** what Graph takes for one request, so that limits on concurrency bite */
  SANDBOX_GRAPH_LATENCY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  /** factor on every throttling limit of Graph: 0.01 for tests of throttling, 1000 for benchmarks */
  SANDBOX_LIMITS_SCALE: z.coerce.number().positive().default(1),
  /** how far TeleMessage's settled horizon lags behind now */
  SANDBOX_SETTLE_LAG_SECONDS: z.coerce.number().min(0).default(60),
  /** lifetime of a session at TeleMessage */
  SANDBOX_SESSION_SECONDS: z.coerce.number().int().min(1).default(1_800),
  /** for tests: folder of OpenAPI contracts that every request and every answer is held against */
  SANDBOX_CONTRACTS: z.string().min(1).optional(),
  /** troubles of TeleMessage's archive, comma separated: the names in `telemessage/troubles.ts` */
  SANDBOX_TELEMESSAGE_TROUBLES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
});

export interface SandboxSettings {
  readonly ports: {
    readonly http: number;
    readonly entra: number;
    readonly graph: number;
    readonly telemessage: number;
    readonly smtp: number;
    readonly hooks: number;
  };
  readonly host: string;
  /** host in the addresses that programs get, and in the certificate */
  readonly name: string;
  readonly cloud: NationalCloud | undefined;
  readonly clientSecret: string | undefined;
  /** whether other machines can reach `host` */
  readonly isRemote: boolean;
  readonly data: string | 'memory';
  readonly tlsDir: string;
  readonly seed: number;
  readonly corpus: string | undefined;
  readonly corpusLimit: number | undefined;
  readonly corpusDays: number;
  readonly itemsPerDay: number;
  readonly keepBodies: boolean;
  readonly tokenSeconds: number;
  readonly graphLatencyMs: number;
  readonly limitsScale: number;
  readonly settleLagSeconds: number;
  readonly sessionSeconds: number;
  readonly telemessageTroubles: readonly string[];
  readonly contracts: string | undefined;
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings from `env`.
 * @throws {SettingsError} with a sentence for each variable that cannot be used
 */
export function readSettings(env: Readonly<Record<string, string | undefined>> = process.env): SandboxSettings {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const value = parsed.data;
  if (!isLoopback(value.SANDBOX_HOST) && !value.SANDBOX_ALLOW_REMOTE) {
    throw new SettingsError(
      `SANDBOX_HOST: ${value.SANDBOX_HOST} can be reached from other machines, and anybody may sign in to the sandbox as anybody. Use 127.0.0.1, or set SANDBOX_ALLOW_REMOTE=yes.`,
    );
  }
  return {
    ports: {
      http: value.SANDBOX_HTTP_PORT,
      entra: value.SANDBOX_ENTRA_PORT,
      graph: value.SANDBOX_GRAPH_PORT,
      telemessage: value.SANDBOX_TELEMESSAGE_PORT,
      smtp: value.SANDBOX_SMTP_PORT,
      hooks: value.SANDBOX_HOOKS_PORT,
    },
    host: value.SANDBOX_HOST,
    name: value.SANDBOX_NAME,
    cloud: value.SANDBOX_CLOUD,
    clientSecret: value.SANDBOX_CLIENT_SECRET,
    isRemote: !isLoopback(value.SANDBOX_HOST),
    data: value.SANDBOX_DATA,
    tlsDir:
      value.SANDBOX_TLS_DIR ?? join(value.SANDBOX_DATA === 'memory' ? '.data/sandbox' : value.SANDBOX_DATA, 'tls'),
    seed: value.SANDBOX_SEED,
    corpus: value.SANDBOX_CORPUS,
    corpusLimit: value.SANDBOX_CORPUS_LIMIT,
    corpusDays: value.SANDBOX_CORPUS_DAYS,
    itemsPerDay: value.SANDBOX_ITEMS_PER_DAY,
    keepBodies: value.SANDBOX_KEEP_BODIES,
    tokenSeconds: value.SANDBOX_TOKEN_SECONDS,
    graphLatencyMs: value.SANDBOX_GRAPH_LATENCY_MS,
    limitsScale: value.SANDBOX_LIMITS_SCALE,
    settleLagSeconds: value.SANDBOX_SETTLE_LAG_SECONDS,
    sessionSeconds: value.SANDBOX_SESSION_SECONDS,
    telemessageTroubles: value.SANDBOX_TELEMESSAGE_TROUBLES,
    contracts: value.SANDBOX_CONTRACTS,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
