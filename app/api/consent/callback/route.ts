import { NextResponse } from 'next/server';
import { setUpParts } from '#lib/connectors/composition.ts';
import { completeConsent } from '#lib/connectors/set-up/use-cases.ts';
import { env } from '#lib/env.ts';

/** Where Entra ID sends whoever answered the consent page. Works without a session: the signed state is the key. */
export async function GET(request: Request): Promise<Response> {
  const answer = await completeConsent(setUpParts(), new URL(request.url).searchParams);
  const page = new URL('/consent-answer', env().NEXTAUTH_URL);
  page.searchParams.set('answer', answer.kind);
  if (answer.kind === 'wrong_tenant') {
    page.searchParams.set('given', answer.given);
    page.searchParams.set('expected', answer.expected);
  }
  // The page has an address of its own, so that a reload does not send the answer again.
  return NextResponse.redirect(page, 303);
}
