import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authentication } from '#app/authentication.ts';
import { atTheDoor } from './at-the-door.ts';

/** next-auth's own routes: sign-in, callback, sign-out, session, CSRF token. */
async function handle(request: NextRequest, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> {
  const [action] = (await context.params).nextauth;
  return (await atTheDoor(request, action)) ?? NextAuth(request, context, authentication());
}

export { handle as GET, handle as POST };
