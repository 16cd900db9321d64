/** The phones of a tenant: whose they are, and how their numbers are written in other people's phones. */
import type { Person, Tenant } from '../world/people.ts';
import type { Party } from './item.ts';

/** A person whose phone is archived, in the words of the feed. */
export interface Owner {
  readonly party: Party;
  readonly firstName: string;
}

/** Everybody whose phone account is activated: only those phones deliver. */
export function ownersOf(tenant: Tenant): readonly Owner[] {
  return tenant.people.filter((person) => person.telemessageStatus === 'activated').flatMap(asOwner);
}

function asOwner(person: Person): readonly Owner[] {
  if (person.mobile === null) return [];
  return [
    {
      party: { mobile: person.mobile, email: person.telemessageEmail, name: person.displayName },
      // a shared phone belongs to nobody in particular
      firstName: person.mailbox === 'shared' ? 'everybody' : person.givenName,
    },
  ];
}

/**
 * A number as it is written inside its own country, with that country's spaces: `020 7946 0123` for +442079460123.
 * A number of a country that is not known here stays international.
 */
export function nationalForm(e164: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  if (us !== null) return `(${us[1]}) ${us[2]}-${us[3]}`;
  const uk = /^\+44(\d{4})(\d{6})$/.exec(e164);
  if (uk !== null) return `0${uk[1]} ${uk[2]}`;
  const german = /^\+49(\d{3})(\d+)$/.exec(e164);
  if (german !== null) return `0${german[1]} ${german[2]}`;
  return e164;
}
