/** What the demo prints once everything runs: one address, who can sign in, what to try. */
import { administrationAccounts } from '#sandbox/telemessage/accounts.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person, Tenant } from '#sandbox/world/people.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';

const isAdmin = (person: Person) => person.appRoles.includes('DataConnectors.Admin');
const isGlobalAdmin = (person: Person) => person.directoryRoles.includes('Global Administrator');

/** Each with the first person of the organization to whom it applies. */
const CAST: readonly { readonly tenant: Tenant; readonly who: (person: Person) => boolean; readonly what: string }[] = [
  {
    tenant: alderByrne,
    who: (one) => isAdmin(one) && isGlobalAdmin(one),
    what: 'sets connectors up and gives consent',
  },
  {
    tenant: alderByrne,
    who: (one) => isAdmin(one) && !isGlobalAdmin(one),
    what: 'sets up, must ask others for consent',
  },
  { tenant: alderByrne, who: (one) => one.appRoles.includes('DataConnectors.Reader'), what: 'sees status and counts' },
  {
    tenant: alderByrne,
    who: (one) => one.appRoles.includes('DataConnectors.Auditor'),
    what: 'sees evidence and signs off',
  },
  { tenant: alderByrne, who: (one) => one.givenName === 'Sam' && one.appRoles.length === 0, what: 'has no role' },
  { tenant: kestrelBank, who: isAdmin, what: 'administrator of another organization' },
];

export function welcome(portal: string, sandbox: string): string {
  const people = CAST.flatMap(({ tenant, who, what }) => {
    const person = tenant.people.find(who);
    return person ? [`    ${person.displayName.padEnd(18)} ${tenant.displayName.padEnd(16)} ${what}`] : [];
  });
  const newcomer = kestrelBank.people.find(isAdmin)?.displayName;
  const account = administrationAccounts.find(({ tenantId, state }) => tenantId === kestrelBank.id && state === 'good');
  return `
  The portal is ready:  ${portal}

  Sign in as one of these. The sandbox stands in for Microsoft 365 and asks for no password.
${people.join('\n')}

  To try
    1. Sign in as ${newcomer}. Data connectors > Android Archiver > Add connector.
       Login to TeleMessage:  ${account?.username}  ${account?.password}
    2. Watch the first import on the Connectors tab.
    3. Read what arrived, as its owner would:  ${sandbox}

  Everything is kept in .data; logs are in .data/logs. Ctrl-C stops all of it.
`;
}
