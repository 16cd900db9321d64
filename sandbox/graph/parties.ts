/** Senders and recipients as Exchange takes them. */
import type { Person } from '../world/people.ts';
import { GraphError } from './errors.ts';
import type { PatchInput, RecipientInput } from './message-schema.ts';
import type { MessageFields, Party } from './rows.ts';

/** Finds the person of this organization who has the address. */
export type Directory = (address: string) => Person | undefined;

type Parties = Pick<MessageFields, 'from' | 'sender' | 'to' | 'cc' | 'bcc' | 'replyTo'>;

/**
 * The parties that a body names; what it does not name is missing.
 * @throws {GraphError} 400 ErrorInvalidRecipients
 */
export function partiesOf(input: PatchInput, directory: Directory): Partial<Parties> {
  const one = (party: RecipientInput | null): Party | null => party && toParty(party, directory);
  const all = (parties: readonly RecipientInput[]): Party[] => parties.map((party) => toParty(party, directory));
  const { from, sender, toRecipients, ccRecipients, bccRecipients, replyTo } = input;
  return {
    ...(from !== undefined && { from: one(from) }),
    ...(sender !== undefined && { sender: one(sender) }),
    ...(toRecipients && { to: all(toRecipients) }),
    ...(ccRecipients && { cc: all(ccRecipients) }),
    ...(bccRecipients && { bcc: all(bccRecipients) }),
    ...(replyTo && { replyTo: all(replyTo) }),
  };
}

/** Who is meant, with the directory's display name where it knows the address. */
function toParty(one: RecipientInput, directory: Directory): Party {
  const address = one.emailAddress.address ?? '';
  if (!isAddress(address)) {
    throw new GraphError(
      400,
      'ErrorInvalidRecipients',
      `At least one recipient is not valid: '${address.slice(0, 320)}' is no address.`,
    );
  }
  return { name: directory(address)?.displayName ?? one.emailAddress.name ?? address, address };
}

/** The longest address that SMTP can carry; the length also bounds what the pattern has to look at. */
function isAddress(text: string): boolean {
  return text.length <= 320 && /^[^\s@<>()",;:\\]+@[^\s@<>()",;:\\.]+(\.[^\s@<>()",;:\\.]+)*$/u.test(text);
}
