/**
 * The three organizations of the sandbox's cloud, and how to look somebody up. Alder & Byrne is where the demo works;
 * Kestrel Bank is a second allowed organization, for everything that must not leak between the two; Foxglove exists
 * in Entra ID but is not in the portal's list of organizations.
 */
import { alderByrne } from './alder-byrne.ts';
import type { Person, Tenant } from './people.ts';
import { person, staff } from './staff.ts';

const KESTREL = 'kestrelbank.example';
const FOXGLOVE = 'foxglove.example';

export const kestrelBank: Tenant = {
  id: 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58',
  displayName: 'Kestrel Bank',
  domains: [KESTREL],
  people: [
    person(KESTREL, {
      givenName: 'Amara',
      surname: 'Mensah',
      mobile: '+12125550131',
      appRoles: ['DataConnectors.Admin'],
      directoryRoles: ['Global Administrator'],
    }),
    person(KESTREL, {
      givenName: 'Felix',
      surname: 'Brandt',
      mobile: '+4917604069032',
      appRoles: ['DataConnectors.Reader'],
    }),
    ...staff(KESTREL, 6, 2),
  ],
};

export const foxglove: Tenant = {
  id: 'e2946c07-5b8f-4d3a-a1c6-70f3d85b2e19',
  displayName: 'Foxglove',
  domains: [FOXGLOVE],
  people: [
    person(FOXGLOVE, {
      givenName: 'Iris',
      surname: 'Maddox',
      appRoles: ['DataConnectors.Admin'],
      directoryRoles: ['Global Administrator'],
    }),
    person(FOXGLOVE, { givenName: 'Theo', surname: 'Lang' }),
  ],
};

/** As they are at a first start. What is in force while the sandbox runs is in `SandboxParts.tenants`. */
export const tenants: readonly Tenant[] = [alderByrne, kestrelBank, foxglove];

/** The one of `tenants` with this id or verified domain, in any case; undefined when there is none. */
export function findTenant(tenants: readonly Tenant[], idOrDomain: string): Tenant | undefined {
  const wanted = idOrDomain.toLowerCase();
  return tenants.find((tenant) => tenant.id === wanted || tenant.domains.includes(wanted));
}

/** The person with this object id or user principal name, as Graph resolves `/users/{id|UPN}`. */
export function findPerson(tenant: Tenant, idOrUpn: string): Person | undefined {
  return namesOf(tenant).byIdOrUpn.get(idOrUpn.toLowerCase());
}

/** The person whose `mail` or one of whose `proxyAddresses` this is, as mail is delivered: never by UPN. */
export function findByAddress(tenant: Tenant, address: string): Person | undefined {
  return namesOf(tenant).byAddress.get(address.toLowerCase());
}

/** Everybody by what they are asked for, in lower case; of two with one name, the one who is listed first. */
interface Names {
  readonly byIdOrUpn: ReadonlyMap<string, Person>;
  readonly byAddress: ReadonlyMap<string, Person>;
}

/** By the list of people, which is another one after each change: every message asks for several of them. */
const known = new WeakMap<readonly Person[], Names>();

function namesOf({ people }: Tenant): Names {
  const before = known.get(people);
  if (before) return before;
  const names = {
    byIdOrUpn: firstOf(people, (one) => [one.id, one.userPrincipalName]),
    byAddress: firstOf(people, (one) => [
      ...(one.mail === null ? [] : [one.mail]),
      ...one.proxyAddresses.filter((proxy) => /^smtp:/i.test(proxy)).map((proxy) => proxy.slice('smtp:'.length)),
    ]),
  };
  known.set(people, names);
  return names;
}

function firstOf(people: readonly Person[], names: (one: Person) => readonly string[]): Map<string, Person> {
  // A map keeps the last of equal keys.
  const entries = people.flatMap((one) => names(one).map((name) => [name.toLowerCase(), one] as const));
  return new Map(entries.reverse());
}
