/** How a person's `mail` and `proxyAddresses` hang together, as Exchange keeps them: `mail` is the primary address. */
import type { Person } from './people.ts';
import type { PersonChange } from './person-schema.ts';

type Addresses = Pick<Person, 'mail' | 'proxyAddresses'>;

/** An address without `SMTP:` or `smtp:`, in lower case: addresses are equal in any case. */
export function bareAddress(address: string): string {
  return address.replace(/^smtp:/i, '').toLowerCase();
}

/** Every address at which the person gets mail, in lower case, each once. */
export function addressesOf(person: Addresses): ReadonlySet<string> {
  return new Set([...(person.mail === null ? [] : [person.mail]), ...person.proxyAddresses].map(bareAddress));
}

/**
 * What a change of one of the two makes of both. A new `mail` becomes the primary address and the one before stays as
 * an alias; new `proxyAddresses` bring their primary one as `mail`. Where both are given, both are taken.
 */
export function changedAddresses(before: Addresses, change: PersonChange): Partial<Addresses> {
  const { mail, proxyAddresses } = change;
  if (proxyAddresses !== undefined) return mail === undefined ? { mail: primaryOf(proxyAddresses) } : {};
  if (mail === undefined) return {};
  if (mail === null) return { proxyAddresses: [] };
  const others = before.proxyAddresses.filter((one) => bareAddress(one) !== mail.toLowerCase());
  return { proxyAddresses: [`SMTP:${mail}`, ...others.map((one) => one.replace(/^SMTP:/, 'smtp:'))] };
}

/** The address behind `SMTP:` in capitals, null where there is none. */
export function primaryOf(proxyAddresses: readonly string[]): string | null {
  return proxyAddresses.find((one) => one.startsWith('SMTP:'))?.slice('SMTP:'.length) ?? null;
}
