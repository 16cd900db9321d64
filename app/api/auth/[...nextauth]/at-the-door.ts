/**
 * What is asked of a request to next-auth before it is read: anybody may call it, signed in or not.
 *
 * Somebody who clicked is told in words of the portal when to try again; the page that calls next-auth goes where its
 * answer says (`url`), and a browser that comes back from Microsoft is sent there.
 */
import type { NextRequest } from 'next/server';
import { overLimit, overLimitOfCaller } from '#app/api/over-limit.ts';
import { env } from '#lib/env.ts';

/** The longest form of next-auth's own pages, many times over. */
const MOST_BYTES = 16 * 1024;

/** @param action the first part of the path behind `/api/auth/` @returns null: go on */
export async function atTheDoor(request: NextRequest, action: string | undefined): Promise<Response | null> {
  if (request.method === 'POST') {
    const length = request.headers.get('content-length');
    // A body in pieces, without a word of its length, is nothing that a form sends.
    if (length === null && request.headers.has('transfer-encoding')) return new Response(null, { status: 411 });
    if (Number(length ?? 0) > MOST_BYTES) return new Response(null, { status: 413 });
  }
  const isAnswer = action === 'callback';
  // Who wants out is always let out.
  if (!isAnswer && (request.method !== 'POST' || action === 'signout')) return null;
  const refused = (await overLimitOfCaller(isAnswer ? 'sign-in-answer' : 'sign-in')) ?? (await ofBrowser(request));
  return refused === null ? null : explained(refused, isAnswer);
}

/** A browser is known by next-auth's own cookie, which it has before anybody signs in. */
async function ofBrowser(request: NextRequest): Promise<Response | null> {
  const cookie = request.cookies.getAll().find(({ name }) => name.endsWith('next-auth.csrf-token'));
  return cookie === undefined ? null : overLimit('sign-in-of-browser', cookie.value);
}

function explained(refused: Response, isNavigation: boolean): Response {
  const seconds = refused.headers.get('retry-after') ?? '60';
  const page = new URL('/sign-in', env().NEXTAUTH_URL);
  page.searchParams.set('error', 'TooMany');
  page.searchParams.set('wait', seconds);
  const headers = { 'retry-after': seconds, 'cache-control': 'no-store' };
  if (isNavigation) return new Response(null, { status: 303, headers: { ...headers, location: page.href } });
  return Response.json({ url: page.href }, { status: 429, headers });
}
