/** What Entra ID and Exchange do not let a directory hold. */
import { addressesOf, primaryOf } from './addresses.ts';
import { hasMailbox, type Person, type Tenant } from './people.ts';

/** Why the directory does not take a change. The message is a sentence for people. */
export class DirectoryRefusal extends Error {
  override readonly name = 'DirectoryRefusal';
  /** the property that is wrong */
  readonly property: keyof Person;

  constructor(property: keyof Person, message: string) {
    super(message);
    this.property = property;
  }
}

/**
 * Holds `person`, as they would be, against everybody else in the tenant and in the other tenants.
 * @throws {DirectoryRefusal}
 */
export function checkPerson(person: Person, tenant: Tenant, tenants: readonly Tenant[]): void {
  checkDomains(person, tenant);
  checkPrimary(person);
  const others = tenant.people.filter((one) => one.id !== person.id);
  // one person's sign-in name may be another one's address: only names among themselves are unique
  const upn = person.userPrincipalName.toLowerCase();
  const namesake = others.find((one) => one.userPrincipalName.toLowerCase() === upn);
  if (namesake) {
    throw new DirectoryRefusal(
      'userPrincipalName',
      `${namesake.displayName} signs in as ${person.userPrincipalName} already.`,
    );
  }
  const taken = addressesOf(person);
  for (const other of others) {
    const address = [...addressesOf(other)].find((one) => taken.has(one));
    if (address !== undefined) {
      throw new DirectoryRefusal('proxyAddresses', `The address ${address} belongs to ${other.displayName} already.`);
    }
  }
  const samePhone = tenants.flatMap(({ people }) => people).find((one) => one.mobile === person.mobile);
  if (person.mobile !== null && samePhone !== undefined && samePhone.id !== person.id) {
    throw new DirectoryRefusal('mobile', `The number ${person.mobile} belongs to ${samePhone.displayName} already.`);
  }
}

function checkDomains(person: Person, tenant: Tenant): void {
  const isVerified = (address: string): boolean =>
    tenant.domains.includes(address.split('@').at(-1)?.toLowerCase() ?? '');
  const known = `${tenant.displayName} has verified ${tenant.domains.join(' and ')}.`;
  if (person.userType === 'Member' && !isVerified(person.userPrincipalName)) {
    throw new DirectoryRefusal('userPrincipalName', `A member’s sign-in name is in a verified domain. ${known}`);
  }
  // a mailbox elsewhere may have any address; one in Exchange Online has accepted domains only
  const foreign = [...addressesOf(person)].find((address) => !isVerified(address));
  if (person.userType === 'Member' && hasMailbox(person) && foreign !== undefined) {
    throw new DirectoryRefusal(
      'proxyAddresses',
      `The address ${foreign} of a mailbox is in no verified domain. ${known}`,
    );
  }
}

function checkPrimary(person: Person): void {
  const primary = person.proxyAddresses.filter((one) => one.startsWith('SMTP:'));
  if (primary.length > 1) throw new DirectoryRefusal('proxyAddresses', 'Only one address is the primary one (SMTP:).');
  if ((primaryOf(person.proxyAddresses) ?? '').toLowerCase() !== (person.mail ?? '').toLowerCase()) {
    throw new DirectoryRefusal('mail', 'The primary address (SMTP:) and mail are the same.');
  }
  const bare = person.proxyAddresses.map((one) => one.toLowerCase());
  if (new Set(bare).size < bare.length) {
    throw new DirectoryRefusal('proxyAddresses', 'An address stands there twice.');
  }
  if (hasMailbox(person) && person.mail === null) {
    throw new DirectoryRefusal('mail', 'A mailbox has a primary address.');
  }
}
