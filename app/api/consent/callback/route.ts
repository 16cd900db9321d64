import { NextResponse } from 'next/server';
import { overLimitOfCaller } from '#app/api/over-limit.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { completeConsent } from '#lib/connectors/set-up/use-cases.ts';
import { env } from '#lib/env.ts';

/** Where Entra ID sends whoever answered the consent page. Works without a session: the signed state is the key. */
export async function GET(request: Request): Promise<Response> {
  const page = new URL('/consent-answer', env().NEXTAUTH_URL);
  const over = await overLimitOfCaller('consent-answer');
  if (over !== null) {
    // The link is not used up: whoever comes back later and loads the address again is heard.
    page.searchParams.set('answer', 'too_many');
    const headers = { 'retry-after': over.headers.get('retry-after') ?? '60' };
    return NextResponse.redirect(page, { status: 303, headers });
  }
  const answer = await completeConsent(setUpParts(), new URL(request.url).searchParams);
  page.searchParams.set('answer', answer.kind);
  if (answer.kind === 'wrong_tenant') {
    page.searchParams.set('given', answer.given);
    page.searchParams.set('expected', answer.expected);
  }
  // The page has an address of its own, so that a reload does not send the answer again.
  return NextResponse.redirect(page, 303);
}
