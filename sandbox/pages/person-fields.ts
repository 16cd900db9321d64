/** Somebody as the fields of a form, and the form as what the directory is asked for. */

import { directoryRoleTemplates } from '../world/directory-roles.ts';
import { exchangeRoleGroups } from '../world/exchange-roles.ts';
import type { Person } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import type { Fields } from './forms.ts';

const MEGABYTE = 1_048_576;

/** Roles that are chosen by checkbox: the person's property, and what it can hold. */
export const roleGroups = [
  { property: 'appRoles', legend: 'Roles in the portal', roles: portalApp.appRoles },
  {
    property: 'directoryRoles',
    legend: 'Entra directory roles',
    roles: directoryRoleTemplates.map(({ displayName }) => displayName),
  },
  { property: 'exchangeRoleGroups', legend: 'Exchange role groups', roles: exchangeRoleGroups },
] as const;

/** The form as it is for this person. */
export function fieldsOf(person: Person): Fields {
  const primaryFirst = person.proxyAddresses.toSorted((a, b) => Number(isPrimary(b)) - Number(isPrimary(a)));
  const chosen = roleGroups.flatMap(({ property }) => person[property].map((role) => [`${property}.${role}`, 'on']));
  return {
    givenName: person.givenName,
    surname: person.surname,
    displayName: person.displayName,
    userPrincipalName: person.userPrincipalName,
    addresses: primaryFirst.map((one) => one.slice('smtp:'.length)).join('\n'),
    userType: person.userType,
    ...(person.accountEnabled && { accountEnabled: 'on' }),
    ...Object.fromEntries(chosen),
    mailbox: person.mailbox,
    messageMegabytes: person.messageBytes === null ? '' : String(person.messageBytes / MEGABYTE),
    mobile: person.mobile ?? '',
    telemessageEmail: person.telemessageEmail ?? '',
    telemessageStatus: person.telemessageStatus,
  };
}

/** What the form asks the directory to change; the directory's schema checks it. */
export function changeOf(fields: Fields): Record<string, unknown> {
  const [primary, ...others] = addressesIn(fields);
  const text = (name: string): string => fields[name]?.trim() ?? '';
  const megabytes = text('messageMegabytes');
  return {
    givenName: text('givenName'),
    surname: text('surname'),
    displayName: text('displayName'),
    userPrincipalName: text('userPrincipalName'),
    mail: primary ?? null,
    proxyAddresses: primary === undefined ? [] : [`SMTP:${primary}`, ...others.map((one) => `smtp:${one}`)],
    userType: fields.userType,
    accountEnabled: fields.accountEnabled === 'on',
    ...Object.fromEntries(
      roleGroups.map(({ property, roles }) => [
        property,
        roles.filter((role) => fields[`${property}.${role}`] === 'on'),
      ]),
    ),
    mailbox: fields.mailbox,
    messageBytes: megabytes === '' ? null : Math.round(Number(megabytes) * MEGABYTE),
    mobile: text('mobile') || null,
    telemessageEmail: text('telemessageEmail') || null,
    telemessageStatus: fields.telemessageStatus,
  };
}

/** The same for somebody new: what is left empty follows from the name. */
export function newcomerOf(fields: Fields): Record<string, unknown> {
  const { displayName, userPrincipalName, mail, proxyAddresses, telemessageEmail, ...rest } = changeOf(fields);
  return {
    ...rest,
    ...(displayName !== '' && { displayName }),
    ...(userPrincipalName !== '' && { userPrincipalName }),
    ...(mail !== null && { mail, proxyAddresses }),
    ...(telemessageEmail !== null && { telemessageEmail }),
  };
}

/** An empty form for somebody new. */
export const newcomer: Fields = {
  userType: 'Member',
  accountEnabled: 'on',
  mailbox: 'user',
  telemessageStatus: 'activated',
};

/** The form's field for a property of a person. */
export function fieldOf(property: string): string {
  if (property === 'mail' || property === 'proxyAddresses') return 'addresses';
  return property === 'messageBytes' ? 'messageMegabytes' : property;
}

function addressesIn(fields: Fields): readonly string[] {
  return (fields.addresses ?? '').split(/[\s,;]+/).filter((one) => one !== '');
}

function isPrimary(proxyAddress: string): boolean {
  return proxyAddress.startsWith('SMTP:');
}
