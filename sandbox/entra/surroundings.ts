/** What the rooms of Entra ID work with. */
import type { Clock } from '../composition.ts';
import type { Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import type { AppManifest } from './app-manifest.ts';
import type { CertificateRegistry } from './certificates.ts';
import type { ConsentRegistry } from './consents.ts';
import type { ScopeSurroundings } from './delegated-permissions.ts';
import type { SigningKey } from './keys.ts';

export interface EntraSurroundings {
  /** with the people who are there now */
  readonly tenants: readonly Tenant[];
  readonly key: SigningKey;
  readonly consents: ConsentRegistry;
  readonly certificates: CertificateRegistry;
  readonly manifest: AppManifest;
  readonly clock: Clock;
  readonly tokenSeconds: number;
  /** of the portal's app */
  readonly clientSecret: string;
  /** `https://localhost:4443` */
  readonly entraUrl: () => string;
  /** `https://localhost:4444`, a resource name beside Microsoft's own */
  readonly graphUrl: () => string;
}

/** The issuer of a tenant's ID tokens, and of its codes. */
export function issuerOf(entraUrl: string, tenant: Pick<Tenant, 'id'>): string {
  return `${entraUrl}/${tenant.id}/v2.0`;
}

/** What reading a `scope` of the portal's app in this tenant takes. */
export function scopeSurroundings(tenant: Tenant, around: Pick<EntraSurroundings, 'graphUrl'>): ScopeSurroundings {
  return {
    app: portalApp.clientId,
    appName: portalApp.displayName,
    tenantName: tenant.displayName,
    graphUrl: around.graphUrl(),
  };
}
