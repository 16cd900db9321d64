/** Where to go after signing in: a path of this portal, whatever a link says. */

/**
 * @param given a path or an absolute address, as next-auth passes it
 * @param portalUrl this portal's own address
 */
export function localPath(given: string | readonly string[] | undefined, portalUrl: string): string {
  if (typeof given !== 'string') return '/data-connectors';
  const url = URL.parse(given, portalUrl);
  if (url === null || url.origin !== new URL(portalUrl).origin) return '/data-connectors';
  // Two slashes begin the name of another host: `/.//host` is a path of ours until it stands in a link by itself.
  const elsewhere = url.pathname.startsWith('//');
  return elsewhere || url.pathname === '/' || url.pathname.startsWith('/sign-in')
    ? '/data-connectors'
    : `${url.pathname}${url.search}`;
}
