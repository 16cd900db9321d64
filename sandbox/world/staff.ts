/**
 * Ordinary employees, made from name lists by position: nobody has a quirk here, and nobody changes between starts.
 * People with a quirk are written by hand in the tenant's own file.
 */
import { createHash } from 'node:crypto';
import type { Person } from './people.ts';

const GIVEN_NAMES = [
  'Amelia',
  'Bruno',
  'Clara',
  'Dmitri',
  'Esther',
  'Farid',
  'Greta',
  'Hugo',
  'Imani',
  'Joao',
  'Katrin',
  'Liam',
  'Mei',
  'Niklas',
  'Ofelia',
  'Pavel',
  'Rania',
  'Stefan',
  'Tamar',
  'Uma',
  'Viktor',
  'Wanda',
  'Xavier',
  'Yael',
  'Zoe',
] as const;

const SURNAMES = [
  'Abbott',
  'Baumann',
  'Castillo',
  'Dubois',
  'Engel',
  'Farrow',
  'Gallo',
  'Hoffman',
  'Ibrahim',
  'Jansen',
  'Keller',
  'Laurent',
  'Moreau',
  'Novak',
  'Ortega',
  'Petrov',
  'Quinn',
  'Rossi',
  'Schulz',
  'Tran',
  'Ueda',
  'Vance',
  'Wallace',
  'Yilmaz',
  'Zhou',
] as const;

/**
 * A number from a range that is set aside for fiction or is never dialled by us: +1 NPA 555 01xx, +44 7700 900xxx,
 * +49 176 040690xx, +972 50 555 01xx. `position` 0..99 is unique within `block`.
 */
function fictionalMobile(block: number, position: number): string {
  const two = String(position % 100).padStart(2, '0');
  const ranges = [
    `+121255501${two}`,
    `+44770090${block}0${two}`,
    `+164655501${two}`,
    `+49176040690${two}`,
    `+972505550${block}${two}`,
  ];
  return ranges[position % ranges.length] ?? `+121255501${two}`;
}

/** A GUID in the form of version 4 that follows from a name: the same at every start. */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(`sandbox:${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What differs from an ordinary employee; `alias` is the part of the address before the @. */
export type PersonTraits = Partial<Person> & Pick<Person, 'givenName' | 'surname'> & { readonly alias?: string };

/** An ordinary, enabled member with a mailbox and an activated phone account, with `traits` laid over it. */
export function person(domain: string, traits: PersonTraits): Person {
  const { alias = plainAlias(`${traits.givenName}.${traits.surname}`), ...own } = traits;
  const address = `${alias}@${domain}`;
  const base: Person = {
    id: guidOf(address.toLowerCase()),
    displayName: `${traits.givenName} ${traits.surname}`,
    givenName: traits.givenName,
    surname: traits.surname,
    userPrincipalName: address,
    mail: address,
    proxyAddresses: [`SMTP:${own.mail ?? address}`],
    userType: 'Member',
    accountEnabled: true,
    mailbox: 'user',
    messageBytes: null,
    appRoles: [],
    directoryRoles: [],
    exchangeRoleGroups: [],
    mobile: null,
    telemessageEmail: own.mail === undefined ? address : own.mail,
    telemessageStatus: 'activated',
  };
  return { ...base, ...own };
}

/** `count` ordinary employees of `domain`. One in nine has no mobile, one in eleven no e-mail at TeleMessage. */
export function staff(domain: string, count: number, block: number): readonly Person[] {
  return Array.from({ length: count }, (_, position) => {
    const traits: PersonTraits = {
      givenName: GIVEN_NAMES[position % GIVEN_NAMES.length] ?? 'Alex',
      surname: SURNAMES[(position * 7 + block) % SURNAMES.length] ?? 'Doe',
      mobile: position % 9 === 8 ? null : fictionalMobile(block, 20 + block * 20 + position),
    };
    return person(domain, position % 11 === 10 ? { ...traits, telemessageEmail: null } : traits);
  });
}

function plainAlias(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll(' ', '').toLowerCase();
}
