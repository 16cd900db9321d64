/** The consent callback: anybody can call its address, with any query. */
import fc from 'fast-check';
import { consentStateKey, parseConsentCallback, signConsentState, verifyConsentState } from '#lib/microsoft/consent.ts';
import { queryOf, text } from './arbitraries.ts';
import { must, type Target } from './target.ts';

const KEY = consentStateKey('a secret that is long enough for a key');
const OTHER = consentStateKey('another secret that is long enough');
const NOW = new Date('2026-11-20T10:00:00Z');
const state = { draftId: 'draft', nonce: 'n'.repeat(32), expiresAt: new Date('2026-11-20T11:00:00Z') };
const honest = signConsentState(state, KEY);

interface Called {
  readonly query: URLSearchParams;
  readonly state: string;
}

/** One character of an honest state is another, or it is cut, or somebody else has signed it. */
const forged = fc.oneof(
  text,
  fc
    .tuple(fc.nat(honest.length - 1), fc.constantFrom(...'AZaz09-_.='))
    .map(([at, other]) => honest.slice(0, at) + other + honest.slice(at + 1)),
  fc.nat(honest.length - 1).map((length) => honest.slice(0, length)),
  fc.constant(signConsentState(state, OTHER)),
  text.map((payload) => `${Buffer.from(payload).toString('base64url')}.${'A'.repeat(43)}`),
);

export const consent: Target<Called> = {
  name: 'consent callback',
  input: fc.record({
    query: queryOf(['state', 'admin_consent', 'tenant', 'error', 'error_description', 'scope']),
    state: forged,
  }),
  feed: ({ query, state: given }) => {
    const answer = parseConsentCallback(query);
    must(answer === null || answer.state.length <= 2000, 'a state is short');
    if (answer?.kind === 'accepted')
      must(query.getAll('admin_consent').at(-1)?.toLowerCase() === 'true', 'nothing else is consent');
    const verified = verifyConsentState(given, KEY, NOW);
    must(typeof verified === 'string' || given === honest, `a forged state is taken: ${given}`);
    must(typeof verifyConsentState(honest, KEY, NOW) === 'object', 'an honest one is taken');
  },
};
