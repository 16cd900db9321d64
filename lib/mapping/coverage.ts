/** *User coverage*: how many of the registered users have a mailbox, and why the others have none. Pure. */
import type { SourceUser } from '../archive/source.ts';
import { type Choice, chooseMailbox, type DirectoryAnswer } from './choose-mailbox.ts';
import type { MailboxAddress } from './mailbox-address.ts';
import { type OwedContext, type OwedParticipant, owedUser } from './owed.ts';

export interface CoveredUser {
  readonly user: SourceUser;
  readonly owed: OwedParticipant;
  readonly choice: Choice;
}

export interface Coverage {
  readonly registered: number;
  readonly withMailbox: number;
  readonly without: readonly CoveredUser[];
}

/** Users that count as registered: everybody whom the source has not deleted. */
export function registeredUsers(users: readonly SourceUser[]): readonly SourceUser[] {
  return users.filter(({ status }) => status !== 'deleted');
}

/** What is owed to each registered user at `at`. Its addresses are what the directory is to be asked about. */
export function owedToUsers(
  users: readonly SourceUser[],
  at: Date,
  context: OwedContext,
): readonly { readonly user: SourceUser; readonly owed: OwedParticipant }[] {
  return registeredUsers(users).map((user) => ({ user, owed: owedUser(user, at, context) }));
}

/** @throws RangeError where an address of `owedToUsers` was not looked up */
export function coverageOf(
  owed: readonly { readonly user: SourceUser; readonly owed: OwedParticipant }[],
  directory: (address: MailboxAddress) => DirectoryAnswer | undefined,
): Coverage {
  const all = owed.map((one): CoveredUser => ({ ...one, choice: chooseMailbox(one.owed, directory) }));
  const without = all.filter(({ choice }) => choice.kind === 'waiting');
  return { registered: all.length, withMailbox: all.length - without.length, without };
}
