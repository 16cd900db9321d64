/** The redirect URIs that the app registration in Entra ID must list: where a sign-in and an admin consent come back to. Pure. */

/** Of a sign-in: each organization is a provider of its own (`sign-in.ts`), and next-auth names its address by that. */
export function signInAddress(portalUrl: string, organizationId: string): string {
  return new URL(`/api/auth/callback/${organizationId}`, portalUrl).href;
}

/** Of an admin consent. */
export function consentAddress(portalUrl: string): string {
  return new URL('/api/consent/callback', portalUrl).href;
}
