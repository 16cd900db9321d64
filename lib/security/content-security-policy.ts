/** What a page of the portal may load and where it may go. Pure. */

/**
 * The value of `Content-Security-Policy`.
 *
 * Scripts and style elements run by nonce only. `style=` attributes are allowed: progress bars and charts set their
 * lengths with them, and no nonce can cover an attribute. The development server gets the same policy, so that what
 * breaks it is seen there first.
 *
 * @param nonce base64, fresh for every answer, at least 128 bits
 */
export function contentSecurityPolicy(nonce: string): string {
  const directives: Readonly<Record<string, string>> = {
    'default-src': "'none'",
    'object-src': "'none'",
    'script-src': `'nonce-${nonce}' 'strict-dynamic'`,
    'style-src-elem': `'self' 'nonce-${nonce}'`,
    'style-src-attr': "'unsafe-inline'",
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': "'self'",
    'worker-src': "'self' blob:",
    'manifest-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
