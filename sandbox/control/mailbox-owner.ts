/** Whose mailbox a rule means: a product writes object ids into its requests, a person writes an address. */
import type { Tenant } from '../world/people.ts';
import { findByAddress, findPerson } from '../world/tenants.ts';
import type { MailboxOwner } from './fault-rule.ts';

/** Asks the directory as it is at the time of the request. */
export function mailboxOwner(tenants: readonly Tenant[]): MailboxOwner {
  return (name) => {
    // one person's principal name can be another's alias: as Graph does, the principal name comes first
    for (const find of [findPerson, findByAddress]) {
      for (const tenant of tenants) {
        const person = find(tenant, name);
        if (person) return person.id;
      }
    }
    return undefined;
  };
}
