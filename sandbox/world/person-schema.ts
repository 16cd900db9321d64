/** A person as JSON: what the control API and the pages may ask for, and what the database keeps. */
import { isPossiblePhoneNumber } from 'libphonenumber-js';
import { z } from 'zod';
import { directoryRoleTemplates } from './directory-roles.ts';
import { exchangeRoleGroups } from './exchange-roles.ts';
import { mailboxKinds, telemessageStatuses } from './people.ts';
import { portalApp } from './portal-app.ts';

/** an administrator can raise a mailbox's limit to 150 MB */
const LARGEST_MESSAGE = 150 * 1_048_576;

const name = z
  .string('A name is missing.')
  .trim()
  .min(1, 'A name is missing.')
  .max(256, 'A name has at most 256 characters.');
const address = (what: string) =>
  z.string().regex(/^[^\s@:<>]+@[^\s@:<>.]+(\.[^\s@:<>.]+)+$/, `${what} has the form name@domain.example.`);
const oneOf = (known: readonly string[], what: string) =>
  z.string().refine((one) => known.includes(one), `There is no such ${what}. There are: ${known.join(', ')}.`);

const personShape = {
  displayName: name,
  givenName: name,
  surname: name,
  userPrincipalName: address('A user principal name'),
  mail: address('An address').nullable(),
  proxyAddresses: z
    .array(z.string().regex(/^smtp:[^\s@:<>]+@[^\s@:<>]+$/i, 'A proxy address has the form smtp:name@domain.example.'))
    .readonly(),
  userType: z.enum(['Member', 'Guest'], 'A user is a Member or a Guest.'),
  accountEnabled: z.boolean(),
  mailbox: z.enum(mailboxKinds, `A mailbox is one of ${mailboxKinds.join(', ')}.`),
  messageBytes: z
    .number('The largest message is a number.')
    .int('The largest message is a whole number of bytes.')
    .min(1, 'The largest message has at least 1 byte.')
    .max(LARGEST_MESSAGE, 'The largest message has at most 150 MB.')
    .nullable(),
  appRoles: z.array(oneOf(portalApp.appRoles, 'app role')).readonly(),
  directoryRoles: z
    .array(
      oneOf(
        directoryRoleTemplates.map(({ displayName }) => displayName),
        'directory role',
      ),
    )
    .readonly(),
  exchangeRoleGroups: z.array(oneOf(exchangeRoleGroups, 'Exchange role group')).readonly(),
  mobile: z
    .string()
    .refine((one) => /^\+\d+$/.test(one) && isPossiblePhoneNumber(one), 'A mobile number is E.164, as +12125550101.')
    .nullable(),
  telemessageEmail: address('An address').nullable(),
  telemessageStatus: z.enum(telemessageStatuses, `A phone is one of ${telemessageStatuses.join(', ')}.`),
};

const id = z.guid('An object id is a GUID.').toLowerCase();

export const personSchema = z.strictObject({ id, ...personShape });

/** What to change about somebody; what is left out stays. */
export const personChangeSchema = z.strictObject(personShape).partial();

/** Somebody new. Only the names must be given; the rest is that of an ordinary employee. */
export const newPersonSchema = personChangeSchema.extend({ id: id.optional(), givenName: name, surname: name });

export type PersonChange = z.infer<typeof personChangeSchema>;
export type NewPerson = z.infer<typeof newPersonSchema>;
