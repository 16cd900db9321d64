/**
 * Runs before every page: a fresh nonce, and the policy that names it. Next puts the nonce of the request's policy on
 * its own scripts; the root layout hands it to the styles.
 */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { contentSecurityPolicy } from '#lib/security/content-security-policy.ts';

export function proxy(request: NextRequest): NextResponse {
  const nonce = randomBytes(16).toString('base64');
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  // A layout does not know the address; somebody who must sign in first comes back to it.
  headers.set('x-address', request.nextUrl.pathname + request.nextUrl.search);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

/** Pages only: files and data run nothing, and a proxy would cut an uploaded file at 10 MB. */
export const config = { matcher: ['/((?!api/|_next/static|_next/image).*)'] };
