/**
 * The portal's app registration in the sandbox's Entra ID, the same in every tenant. The secret is published on
 * purpose: it opens nothing but this sandbox, and the portal takes it only while every host is loopback.
 */
export const portalApp = {
  displayName: 'Compliance portal',
  clientId: '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05',
  clientSecret: 'sandbox-portal-secret-opens-nothing-real',
  /** app roles that the registration defines; people get these by assignment, apps get `Mapping.Propose` by consent */
  appRoles: ['DataConnectors.Admin', 'DataConnectors.Reader', 'DataConnectors.Auditor', 'DataConnectors.ContentViewer'],
  /** application permissions for Graph that the registration asks for, shown on the consent page */
  graphPermissions: ['User.Read.All', 'Mail.ReadWrite'],
  /** permissions on behalf of signed-in people, which every registration starts with */
  delegatedPermissions: ['User.Read'],
} as const;

/** Only addresses of this machine may receive a code or a consent: `http(s)://localhost` or `127.0.0.1`, any port. */
export function isAllowedRedirect(uri: string): boolean {
  const url = URL.parse(uri);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    (url.hostname === 'localhost' || url.hostname === '127.0.0.1') &&
    url.username === '' &&
    url.hash === ''
  );
}
