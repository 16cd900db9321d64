/** `/organization`: the caller's own tenant. */
import type { Tenant } from '../world/people.ts';
import type { Handler } from './context.ts';
import { errors } from './errors.ts';
import type { Json } from './json.ts';
import { type Entity, type EntitySet, entityAnswer, listAnswer } from './odata/entity-set.ts';
import { allows, permissions, requirePermission } from './permissions.ts';
import type { Caller } from './request.ts';
import { CREATED } from './user-properties.ts';

const EMPTY = [
  'city',
  'country',
  'countryLetterCode',
  'defaultUsageLocation',
  'deletedDateTime',
  'onPremisesLastSyncDateTime',
  'onPremisesSyncEnabled',
  'partnerTenantType',
  'postalCode',
  'preferredLanguage',
  'privacyProfile',
  'state',
  'street',
];
const EMPTY_LISTS = [
  'assignedPlans',
  'businessPhones',
  'marketingNotificationEmails',
  'provisionedPlans',
  'securityComplianceNotificationMails',
  'securityComplianceNotificationPhones',
  'technicalNotificationMails',
];
/** what `User.Read` shows; all else is null then */
const PUBLIC = ['id', 'displayName', 'verifiedDomains'];

const organizations: EntitySet = {
  type: 'organization',
  context: 'organization',
  properties: [...PUBLIC, 'createdDateTime', 'mobileDeviceManagementAuthority', 'tenantType', ...EMPTY, ...EMPTY_LISTS],
  queryable: { filter: ['id', 'displayName'] },
};

export const listOrganizations: Handler = (context, request) => {
  requirePermission(request.caller, permissions.organization);
  return listAnswer(context, request, organizations, [organizationOf(request.caller)]);
};

export const getOrganization: Handler = (context, request, [id = '']) => {
  requirePermission(request.caller, permissions.organization);
  if (id.toLowerCase() !== request.caller.tenant.id) throw errors.noSuchUser(id);
  return entityAnswer(context, request, organizations, organizationOf(request.caller));
};

function organizationOf(caller: Caller): Entity {
  const json = organizationJson(caller.tenant);
  if (allows(caller, permissions.organizationInFull)) return { json };
  const hidden = Object.entries(json).map(([name, value]) => [
    name,
    PUBLIC.includes(name) ? value : Array.isArray(value) ? [] : null,
  ]);
  // an enum of the contract that is not nullable
  return { json: { ...Object.fromEntries(hidden), mobileDeviceManagementAuthority: 'unknown' } };
}

function organizationJson(tenant: Tenant): Json {
  return {
    ...Object.fromEntries(EMPTY.map((name) => [name, null])),
    ...Object.fromEntries(EMPTY_LISTS.map((name) => [name, []])),
    id: tenant.id,
    displayName: tenant.displayName,
    createdDateTime: CREATED,
    mobileDeviceManagementAuthority: 'unknown',
    tenantType: 'AAD',
    verifiedDomains: tenant.domains.map((name, position) => ({
      capabilities: 'Email, OfficeCommunicationsOnline',
      isDefault: position === 0,
      isInitial: position === 0,
      name,
      type: 'Managed',
    })),
  };
}
