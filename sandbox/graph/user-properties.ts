/** A user as the directory has one: every property of Microsoft's `user`, those without a value here as null or []. */
import type { Person, Tenant } from '../world/people.ts';
import type { Json } from './json.ts';
import type { EntitySet } from './odata/entity-set.ts';

/** when everybody came */
export const CREATED = '2023-03-14T09:00:00Z';
/** what the profile service says of a date that nobody entered */
const NO_DATE = '0001-01-01T00:00:00Z';

const EMPTY_TEXTS = [
  'aboutMe',
  'ageGroup',
  'authorizationInfo',
  'city',
  'companyName',
  'consentProvidedForMinor',
  'country',
  'customSecurityAttributes',
  'deletedDateTime',
  'department',
  'employeeHireDate',
  'employeeId',
  'employeeLeaveDateTime',
  'employeeOrgData',
  'employeeType',
  'faxNumber',
  'identityParentId',
  'isManagementRestricted',
  'isResourceAccount',
  'jobTitle',
  'lastPasswordChangeDateTime',
  'legalAgeGroupClassification',
  'mailboxSettings',
  'mySite',
  'officeLocation',
  'onPremisesDistinguishedName',
  'onPremisesDomainName',
  'onPremisesExtensionAttributes',
  'onPremisesImmutableId',
  'onPremisesLastSyncDateTime',
  'onPremisesSamAccountName',
  'onPremisesSecurityIdentifier',
  'onPremisesSyncEnabled',
  'onPremisesUserPrincipalName',
  'passwordPolicies',
  'passwordProfile',
  'postalCode',
  'preferredDataLocation',
  'preferredLanguage',
  'preferredName',
  'print',
  'securityIdentifier',
  'showInAddressList',
  'signInActivity',
  'signInSessionsValidFromDateTime',
  'state',
  'streetAddress',
  'usageLocation',
];

const EMPTY_LISTS = [
  'assignedLicenses',
  'assignedPlans',
  'businessPhones',
  'interests',
  'licenseAssignmentStates',
  'onPremisesProvisioningErrors',
  'pastProjects',
  'provisionedPlans',
  'responsibilities',
  'schools',
  'serviceProvisioningErrors',
  'skills',
];

const written = new WeakMap<Person, Json>();

/** Every property of a person. Remembered: a search reads everybody's, and a change makes another object of a person. */
export function userJson(person: Person, tenant: Tenant): Json {
  const known = written.get(person);
  if (known) return known;
  const json = everyProperty(person, tenant);
  written.set(person, json);
  return json;
}

function everyProperty(person: Person, tenant: Tenant): Json {
  const guest = person.userType === 'Guest';
  return {
    ...Object.fromEntries(EMPTY_TEXTS.map((name) => [name, null])),
    ...Object.fromEntries(EMPTY_LISTS.map((name) => [name, []])),
    id: person.id,
    accountEnabled: person.accountEnabled,
    birthday: NO_DATE,
    createdDateTime: CREATED,
    creationType: guest ? 'Invitation' : null,
    deviceEnrollmentLimit: 5,
    displayName: person.displayName,
    externalUserState: guest ? 'Accepted' : null,
    externalUserStateChangeDateTime: guest ? CREATED : null,
    givenName: person.givenName,
    hireDate: NO_DATE,
    identities: [
      {
        signInType: 'userPrincipalName',
        issuer: tenant.domains[0] ?? '',
        issuerAssignedId: person.userPrincipalName,
      },
    ],
    imAddresses: person.mailbox === 'none' ? [] : [person.userPrincipalName],
    mail: person.mail,
    mailNickname: person.userPrincipalName.split('@')[0] ?? '',
    mobilePhone: person.mobile,
    otherMails: guest && person.mail !== null ? [person.mail] : [],
    proxyAddresses: person.proxyAddresses,
    surname: person.surname,
    userPrincipalName: person.userPrincipalName,
    userType: person.userType,
  };
}

/** What comes without `$select`. */
const USUAL: readonly string[] = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

const VALUED = [
  'accountEnabled',
  'birthday',
  'createdDateTime',
  'creationType',
  'deviceEnrollmentLimit',
  'displayName',
  'externalUserState',
  'externalUserStateChangeDateTime',
  'givenName',
  'hireDate',
  'id',
  'identities',
  'imAddresses',
  'mail',
  'mailNickname',
  'mobilePhone',
  'otherMails',
  'proxyAddresses',
  'surname',
  'userPrincipalName',
  'userType',
];

export const users: EntitySet = {
  type: 'user',
  context: 'users',
  properties: [...VALUED, ...EMPTY_TEXTS, ...EMPTY_LISTS],
  usual: USUAL,
  // as the table of filters in Microsoft's documentation has it
  queryable: {
    filter: [
      'accountEnabled',
      'ageGroup',
      'assignedLicenses',
      'assignedPlans',
      'businessPhones',
      'city',
      'consentProvidedForMinor',
      'country',
      'createdDateTime',
      'creationType',
      'deletedDateTime',
      'department',
      'displayName',
      'employeeId',
      'givenName',
      'id',
      'identities',
      'imAddresses',
      'isResourceAccount',
      'jobTitle',
      'mail',
      'mailNickname',
      'onPremisesSecurityIdentifier',
      'onPremisesSyncEnabled',
      'onPremisesUserPrincipalName',
      'otherMails',
      'proxyAddresses',
      'signInActivity',
      'state',
      'surname',
      'usageLocation',
      'userPrincipalName',
      'userType',
    ],
    advancedFilter: [
      'companyName',
      'employeeHireDate',
      'employeeType',
      'mobilePhone',
      'officeLocation',
      'onPremisesExtensionAttributes',
      'onPremisesImmutableId',
      'onPremisesLastSyncDateTime',
      'onPremisesSamAccountName',
      'passwordPolicies',
      'postalCode',
      'preferredLanguage',
      'showInAddressList',
      'streetAddress',
    ],
    endsWith: ['mail', 'otherMails', 'userPrincipalName', 'proxyAddresses'],
    sort: ['displayName', 'userPrincipalName'],
    advancedSort: ['createdDateTime', 'deletedDateTime'],
  },
};
