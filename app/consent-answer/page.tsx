import type { Metadata } from 'next';
import * as text from '#components/text/text.ts';
import { ConsentAnswered } from '#components/wizard/consent-answered.tsx';

const words = text.wizard.answer;

export const metadata: Metadata = { title: text.wizard.consent.title };

type Query = Readonly<Record<string, string | string[] | undefined>>;

/** What whoever followed a consent link reads at the end. Open to everybody; says nothing about anybody. */
export default async function ConsentAnswerPage({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const { title, sentence } = wordsFor(await searchParams);
  return <ConsentAnswered title={title} sentence={sentence} />;
}

function wordsFor(query: Query): { readonly title: string; readonly sentence: string } {
  switch (query.answer) {
    case 'given':
      return { title: words.thanksTitle, sentence: words.thanks };
    case 'accepted':
      return { title: words.waitTitle, sentence: words.wait };
    case 'declined':
      return { title: words.declinedTitle, sentence: text.wizard.consent.declined };
    case 'failed':
      return { title: words.failedTitle, sentence: text.wizard.consent.failedAtMicrosoft };
    case 'wrong_tenant':
      return {
        title: words.wrongTitle,
        sentence: text.wizard.consent.wrongTenant(nameIn(query.given), nameIn(query.expected)),
      };
    case 'used':
      return { title: words.usedTitle, sentence: words.used };
    case 'too_many':
      return { title: words.tooManyTitle, sentence: words.tooMany };
    case 'expired':
      return { title: words.expiredTitle, sentence: words.expired };
    default:
      return { title: words.invalidTitle, sentence: words.invalid };
  }
}

/** Anybody can write this address: only what looks like a domain or an id is shown. */
function nameIn(value: string | string[] | undefined): string {
  return typeof value === 'string' && /^[\w.-]{1,100}$/.test(value) ? value : words.anotherOrganization;
}
