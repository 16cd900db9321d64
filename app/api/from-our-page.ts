/** Whether a request that changes or opens something comes from a page of this portal, and not from another site. Pure. */

/**
 * A script's request names its origin. A form that the browser submits by itself names none, because our pages tell
 * nobody where they are (`Referrer-Policy`); for it the browser says in `Sec-Fetch-Site`, which no page can set, that
 * the form was ours.
 *
 * @param portalUrl `NEXTAUTH_URL`
 */
export function fromOurPage(headers: Headers, portalUrl: string): boolean {
  const origin = headers.get('origin');
  if (origin === new URL(portalUrl).origin) return true;
  return origin === 'null' && headers.get('sec-fetch-site') === 'same-origin';
}
