/** Whose data a request may touch: roles of the token, and the mailboxes that it is limited to. */
import type { Person } from '../world/people.ts';
import { findPerson } from '../world/tenants.ts';
import type { GraphContext } from './context.ts';
import { errors } from './errors.ts';
import type { Caller } from './request.ts';

/** A mailbox that the caller may read; writing asks `full`. */
export interface OpenMailbox {
  readonly mailbox: number;
  readonly owner: Person;
  readonly full: boolean;
  /** bytes of the largest message that it takes */
  readonly messageBytes: number;
}

/**
 * Opens the mailbox of a user by object id or user principal name.
 * @throws {GraphError} 403 without permission, 404 without user or mailbox
 */
export function openMailbox(context: GraphContext, caller: Caller, user: string): OpenMailbox {
  if (caller.user) return ownMailbox(context, caller, user);
  const scope = context.consents.mailboxScope(caller.tenant.id);
  const granted = caller.roles.has('Mail.ReadWrite');
  if (!granted && scope === undefined) throw errors.mailAccessDenied();
  const owner = findPerson(caller.tenant, user);
  if (!owner) throw errors.invalidUser(user);
  if (scope && !scope.has(owner.id)) throw granted ? errors.blockedByPolicy() : errors.mailAccessDenied();
  return mailboxOf(context, owner);
}

/** On behalf of a person, that person's own mailbox: the sandbox has no shared access between people. */
function ownMailbox(context: GraphContext, caller: Caller, user: string): OpenMailbox {
  if (!caller.scopes.has('Mail.ReadWrite')) throw errors.mailAccessDenied();
  const owner = findPerson(caller.tenant, user);
  if (!owner) throw errors.invalidUser(user);
  if (owner.id !== caller.user?.id) throw errors.mailAccessDenied();
  return mailboxOf(context, owner);
}

/**
 * The mailbox of a person as it is now, whoever asks.
 * @throws {GraphError} 404 when there is none
 */
export function mailboxOf(context: GraphContext, owner: Person): OpenMailbox {
  if (owner.mailbox === 'none') throw errors.noMailbox();
  if (owner.mailbox === 'onPremises') throw errors.mailboxElsewhere();
  const messageBytes = owner.messageBytes ?? context.limits.messageBytes;
  return { mailbox: context.store.mailbox(owner.id), owner, full: owner.mailbox === 'full', messageBytes };
}

/** @throws {GraphError} as openMailbox, and 507 when the mailbox is full */
export function openForWriting(context: GraphContext, caller: Caller, user: string): OpenMailbox {
  const open = openMailbox(context, caller, user);
  if (open.full) throw errors.quotaExceeded();
  return open;
}
