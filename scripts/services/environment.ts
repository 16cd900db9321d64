/**
 * The environment in which the product and the sandbox run on this machine: the one place that knows how the addresses
 * of the parts become the variables of lib/env.ts and sandbox/settings.ts. Demo, integration and browser tests use it.
 */
import { join } from 'node:path';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

export interface SandboxAddresses {
  /** its pages and control API, for people and tests */
  readonly http: string;
  readonly entra: string;
  readonly graph: string;
  readonly telemessage: string;
  /** mail server on localhost */
  readonly smtpPort: number;
  /** host:port that takes webhooks */
  readonly hooksHost: string;
  /** certificate of the authority that signed its servers' certificate */
  readonly caFile: string;
}

type SandboxPorts = Pick<
  Ports,
  'sandboxHttp' | 'sandboxEntra' | 'sandboxGraph' | 'sandboxTelemessage' | 'sandboxSmtp' | 'sandboxHooks'
>;

export function sandboxAddresses(ports: SandboxPorts, tlsFolder: string): SandboxAddresses {
  return {
    http: `http://localhost:${ports.sandboxHttp}`,
    entra: `https://localhost:${ports.sandboxEntra}`,
    graph: `https://localhost:${ports.sandboxGraph}`,
    telemessage: `https://localhost:${ports.sandboxTelemessage}`,
    smtpPort: ports.sandboxSmtp,
    hooksHost: `localhost:${ports.sandboxHooks}`,
    caFile: join(tlsFolder, 'ca.pem'),
  };
}

/** The sandbox's settings. `data` is a folder, or `memory`. */
export function sandboxEnvironment(ports: SandboxPorts, data: string, tlsFolder: string): Record<string, string> {
  return {
    SANDBOX_HTTP_PORT: String(ports.sandboxHttp),
    SANDBOX_ENTRA_PORT: String(ports.sandboxEntra),
    SANDBOX_GRAPH_PORT: String(ports.sandboxGraph),
    SANDBOX_TELEMESSAGE_PORT: String(ports.sandboxTelemessage),
    SANDBOX_SMTP_PORT: String(ports.sandboxSmtp),
    SANDBOX_HOOKS_PORT: String(ports.sandboxHooks),
    SANDBOX_DATA: data,
    SANDBOX_TLS_DIR: tlsFolder,
  };
}

export interface ProductAddresses {
  readonly database: string;
  readonly redis: string;
  readonly blob: string;
  /** blob container for staged content; the product's own default when absent */
  readonly stagingContainer?: string;
  /** for the audit log's anchors; the product's own default when absent */
  readonly anchorContainer?: string;
  /** as a browser opens it */
  readonly portal: string;
  /** 0: any free port */
  readonly workerHealthPort: number;
  readonly sandbox: SandboxAddresses;
}

/** What portal and worker need to run against the sandbox. Every variable is described in `.env.example`. */
export function productEnvironment(
  addresses: ProductAddresses,
  secrets: Pick<Secrets, 'encryptionKeys' | 'auditKeys' | 'nextAuthSecret'>,
): Record<string, string> {
  const { sandbox } = addresses;
  return {
    NODE_ENV: 'production',
    DATABASE_URL: addresses.database,
    REDIS_URL: addresses.redis,
    AZURE_STORAGE_CONNECTION_STRING: addresses.blob,
    ...(addresses.stagingContainer ? { STAGING_CONTAINER: addresses.stagingContainer } : {}),
    ...(addresses.anchorContainer ? { AUDIT_ANCHOR_CONTAINER: addresses.anchorContainer } : {}),
    TELEMESSAGE_URL: sandbox.telemessage,
    GRAPH_URL: sandbox.graph,
    ENTRA_AUTHORITY: sandbox.entra,
    MICROSOFT_CLOUD: 'public',
    ENTRA_CLIENT_ID: portalApp.clientId,
    ENTRA_CLIENT_SECRET: portalApp.clientSecret,
    ORGANIZATIONS: [alderByrne.id, kestrelBank.id].join(','),
    NEXTAUTH_URL: addresses.portal,
    NEXTAUTH_SECRET: secrets.nextAuthSecret,
    ENCRYPTION_KEYS: secrets.encryptionKeys,
    AUDIT_KEYS: secrets.auditKeys,
    SMTP_HOST: 'localhost',
    SMTP_PORT: String(sandbox.smtpPort),
    SMTP_FROM: `portal@${alderByrne.domains[0] ?? 'portal.example'}`,
    NOTIFICATION_PRIVATE_HOSTS: sandbox.hooksHost,
    WORKER_HEALTH_PORT: String(addresses.workerHealthPort),
    // The sandbox's certificates are verified like Microsoft's: its authority is trusted, nothing is switched off.
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  };
}
