/** The second half of *who gets a copy*: from what the directory says of the candidates to one mailbox. Pure. */
import type { MailboxAddress } from './mailbox-address.ts';
import type { Candidate, NoCandidate, OwedParticipant } from './owed.ts';

/** What the directory says of an address; `lib/microsoft/directory.ts` gives this. */
export type DirectoryAnswer =
  | { readonly kind: 'mailbox'; readonly userId: string; readonly address: string; readonly displayName: string }
  | { readonly kind: 'none' | 'guest' | 'ambiguous' }
  | { readonly kind: 'no_mailbox'; readonly reason?: 'not_enabled' | 'access_denied' };

export type WaitingReason =
  | NoCandidate
  /** the directory knows nobody by the address */
  | 'mailbox_not_found'
  | 'guest'
  | 'ambiguous_address'
  | 'no_mailbox'
  /** there is one, and this application may not open it */
  | 'mailbox_closed';

export type Choice =
  | {
      readonly kind: 'mailbox';
      readonly candidate: Candidate;
      /** Graph object id */
      readonly userId: string;
      /** the directory's spelling */
      readonly address: string;
      readonly displayName: string;
    }
  /** `candidate` is the one that the reason is about: the first that was tried */
  | { readonly kind: 'waiting'; readonly reason: WaitingReason; readonly candidate: Candidate | null };

const REASONS = {
  none: 'mailbox_not_found',
  guest: 'guest',
  ambiguous: 'ambiguous_address',
  no_mailbox: 'no_mailbox',
} as const;

/** The addresses that the directory must be asked about before `chooseMailbox`, each once. */
export function addressesToLookUp(owed: Iterable<OwedParticipant>): ReadonlySet<MailboxAddress> {
  const addresses = new Set<MailboxAddress>();
  for (const { candidates } of owed) for (const { address } of candidates) addresses.add(address);
  return addresses;
}

/**
 * The first candidate whose mailbox answers: the custom mapping, then the e-mail property. Where none does, the first
 * one's reason: it is what an administrator would mend.
 *
 * @param directory must know every candidate's address
 * @throws RangeError for an address that it does not know: a look-up was forgotten
 */
export function chooseMailbox(
  owed: OwedParticipant,
  directory: (address: MailboxAddress) => DirectoryAnswer | undefined,
): Choice {
  let waiting: Choice | null = null;
  for (const candidate of owed.candidates) {
    const answer = directory(candidate.address);
    if (answer === undefined) throw new RangeError('a candidate was not looked up in the directory');
    if (answer.kind === 'mailbox') {
      const { userId, address, displayName } = answer;
      return { kind: 'mailbox', candidate, userId, address, displayName };
    }
    const closed = answer.kind === 'no_mailbox' && answer.reason === 'access_denied';
    waiting ??= { kind: 'waiting', reason: closed ? 'mailbox_closed' : REASONS[answer.kind], candidate };
  }
  return waiting ?? { kind: 'waiting', reason: owed.problem ?? 'not_mapped', candidate: null };
}
