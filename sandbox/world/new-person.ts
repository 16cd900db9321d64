/** Somebody who joins an organization: an ordinary employee but for what is given. */
import { randomUUID } from 'node:crypto';
import { primaryOf } from './addresses.ts';
import type { Person, Tenant } from './people.ts';
import type { NewPerson } from './person-schema.ts';
import { person } from './staff.ts';

/** Defaults: an address after the name in the first domain, a mailbox for members, TeleMessage knowing the address. */
export function newPerson(tenant: Tenant, given: NewPerson): Person {
  const usual = person(tenant.domains[0] ?? '', { givenName: given.givenName, surname: given.surname });
  const userPrincipalName = given.userPrincipalName ?? usual.userPrincipalName;
  const userType = given.userType ?? 'Member';
  const mail =
    given.mail ?? (given.mail === null ? null : primaryOf(given.proxyAddresses ?? [`SMTP:${userPrincipalName}`]));
  const telemessageEmail = given.telemessageEmail === undefined ? mail : given.telemessageEmail;
  return {
    id: given.id ?? randomUUID(),
    displayName: given.displayName ?? usual.displayName,
    givenName: given.givenName,
    surname: given.surname,
    userPrincipalName,
    mail,
    proxyAddresses: given.proxyAddresses ?? (mail === null ? [] : [`SMTP:${mail}`]),
    userType,
    accountEnabled: given.accountEnabled ?? true,
    mailbox: given.mailbox ?? (userType === 'Guest' ? 'onPremises' : 'user'),
    messageBytes: given.messageBytes ?? null,
    appRoles: given.appRoles ?? [],
    directoryRoles: given.directoryRoles ?? [],
    exchangeRoleGroups: given.exchangeRoleGroups ?? [],
    mobile: given.mobile ?? null,
    telemessageEmail,
    telemessageStatus: given.telemessageStatus ?? 'activated',
  };
}
