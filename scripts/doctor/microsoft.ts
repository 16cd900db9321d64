/** Entra ID and the directory: people can sign in, and the application has in each organization what it needs and no more. */
import { AppTokenError, type AppTokens } from '#lib/microsoft/app-token.ts';
import type { MicrosoftHosts } from '#lib/microsoft/clouds.ts';
import { discover } from '#lib/microsoft/discovery.ts';
import type { Graph } from '#lib/microsoft/graph.ts';
import { type ConsentMode, type ConsentProblem, type ProofCheck, proveConsent } from '#lib/microsoft/prove-consent.ts';
import type { Transport } from '#lib/microsoft/transport.ts';
import { consentAddress, signInAddress } from '#lib/security/redirect-addresses.ts';
import { clockFinding } from './clock.ts';
import type { MeantMailboxes } from './consent-mode.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';

export interface MicrosoftParts {
  readonly hosts: MicrosoftHosts;
  readonly transport: Transport;
  readonly tokens: AppTokens;
  readonly graphOf: (organizationId: string) => Graph;
}

export interface Registration {
  /** NEXTAUTH_URL */
  readonly portal: string;
  readonly clientId: string;
  readonly organizations: readonly string[];
}

/** What everybody needs: the hosts answer, every organization is known, and the addresses that the registration must list. */
export async function* examineSignIn({ hosts, transport }: MicrosoftParts, registration: Registration): Examination {
  yield hostsOf(hosts);
  yield await clockOf(hosts, transport);
  for (const organization of registration.organizations) {
    const about = `Sign-in, organization ${organization}`;
    try {
      const { issuer } = await discover(hosts, organization, transport);
      yield { about, result: 'well', found: `Entra ID knows it (${new URL(issuer).host}).` };
    } catch (error) {
      const found = error instanceof AppTokenError ? `${error.message}.` : `No answer (${codeOf(error)}).`;
      yield {
        about,
        result: 'wrong',
        found,
        toDo: 'Check ORGANIZATIONS (tenant ids), MICROSOFT_CLOUD, and the way out to Entra ID.',
      };
    }
  }
  yield addressesOf(registration);
}

function hostsOf({ graphUrl, authority, foreignHosts }: MicrosoftHosts): Finding {
  const about = 'Microsoft, hosts';
  const found = `${authority} and ${graphUrl}.`;
  if (foreignHosts.length === 0) return { about, result: 'well', found };
  const toDo = `${foreignHosts.join(', ')} is not Microsoft's: take GRAPH_URL and ENTRA_AUTHORITY out, unless this is a trial.`;
  return { about, result: 'beware', found, toDo };
}

async function clockOf(hosts: MicrosoftHosts, transport: Transport): Promise<Finding> {
  const about = 'Clock, against Entra ID';
  const asked = Date.now();
  try {
    const url = `${hosts.authority}/common/v2.0/.well-known/openid-configuration`;
    const { headers } = await transport(url, { method: 'GET', headers: { accept: 'application/json' } });
    const theirs = Date.parse(headers.date ?? '');
    // The header has whole seconds: it names the second that had begun.
    if (!Number.isNaN(theirs)) return clockFinding(about, (theirs + 500 - (asked + Date.now()) / 2) / 1_000);
    return {
      about,
      result: 'not_checked',
      found: 'Its answer has no time.',
      toDo: 'See that this machine is set by NTP.',
    };
  } catch (error) {
    return {
      about,
      result: 'not_checked',
      found: `No answer (${codeOf(error)}).`,
      toDo: 'Check the way out to Entra ID.',
    };
  }
}

/** Only Entra ID knows which addresses are registered, and reading that would take a permission that importing does not need. */
function addressesOf({ portal, clientId, organizations }: Registration): Finding {
  const about = 'Sign-in, addresses of the app registration';
  const { protocol, hostname } = new URL(portal);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !isLocal) {
    return {
      about,
      result: 'wrong',
      found: `NEXTAUTH_URL is ${portal}.`,
      toDo: 'Use an https address: cookies of a session are for https alone.',
    };
  }
  const addresses = [...organizations.map((id) => signInAddress(portal, id)), consentAddress(portal)];
  return {
    about,
    result: 'not_checked',
    found: `Registration ${clientId}.`,
    toDo: `See in Entra ID, App registrations, Authentication, that it has exactly these as redirect URIs (Web): ${addresses.join(' and ')}.`,
  };
}

/** What the application may do in one organization, and may not where it is limited. Nothing is written. */
export async function* examineConsent(
  parts: MicrosoftParts,
  organizationId: string,
  { mode, inside, outside }: MeantMailboxes,
): Examination {
  const graph = parts.graphOf(organizationId);
  const settings = { tokens: parts.tokens, graph, mode, probeAddresses: inside };
  const { checks } = await proveConsent(settings, outside ?? undefined);
  for (const check of checks) yield findingOf(check, organizationId, mode);
}

const CHECKED: Readonly<Record<ProofCheck['check'], string>> = {
  consent: 'app token and its roles',
  directory: 'directory is read',
  mailbox: 'a mailbox is opened',
  outside: 'a mailbox outside the scope is refused',
};

const PROBLEMS: Readonly<Record<ConsentProblem, readonly [found: string, toDo: string]>> = {
  not_consented: [
    'Nobody has consented.',
    'Let a Global Administrator grant admin consent, in the wizard or in Entra ID, Enterprise applications.',
  ],
  roles_missing: [
    'The token lacks roles.',
    'Add them to the app registration as application permissions and grant admin consent; that takes some minutes.',
  ],
  unlimited: [
    'Mail is granted for all mailboxes, which makes a scope in Exchange void.',
    'Remove Mail.ReadWrite and Mail.Read from the API permissions of the app registration and revoke them in Enterprise applications; or, where all mailboxes are meant, run it without --chosen-mailboxes, and set connectors to all mailboxes on their Settings.',
  ],
  wrong_tenant: ['The token is for another tenant.', 'Check ORGANIZATIONS.'],
  credential_refused: [
    'Entra ID refuses the secret or certificate.',
    'Put a new one in place: ENTRA_CLIENT_SECRET or ENTRA_CLIENT_CERTIFICATE.',
  ],
  forbidden: [
    'Microsoft Graph refuses, in spite of the roles.',
    'After a grant it takes up to an hour; an application access policy may stand in the way.',
  ],
  out_of_scope: [
    'Exchange refuses the mailbox: it is outside the scope, or the scope is not in force yet.',
    'See with Test-ServicePrincipalAuthorization in Exchange Online PowerShell; what it tells takes up to 2 hours to be in force.',
  ],
  not_refused: ['A mailbox outside the scope opens.', 'See the scope of the role assignment in Exchange.'],
  same_mailbox: ['Both addresses are of one mailbox.', 'Give two.'],
  not_written: ['A message could not be written and found.', 'Run it again with --mailbox for the details.'],
  not_removed: ['A message could not be removed.', 'Delete it by hand.'],
  address_unknown: [
    'Nobody has this address, or several people have it.',
    'Give the address of one person of this organization.',
  ],
  no_mailbox: ['There is no mailbox in Exchange Online.', 'Give the address of somebody who has one.'],
  address_needed: [
    'With chosen mailboxes, only a mailbox inside the scope shows the grant.',
    'Run it with --mailbox and an address inside the scope.',
  ],
  unreachable: ['No answer, or a request to wait.', 'Check the way out to Microsoft, and run it again.'],
  unexpected: [
    'An answer that is not known.',
    'Run it again; then see the sign-in logs of the service principal in Entra ID.',
  ],
};

function findingOf(check: ProofCheck, organizationId: string, mode: ConsentMode): Finding {
  const about = `Organization ${organizationId}: ${CHECKED[check.check]}`;
  if (check.result === 'passed') {
    const roles =
      mode === 'all' ? 'User.Read.All and Mail.ReadWrite.' : 'User.Read.All; mail by RBAC for Applications.';
    return { about, result: 'well', found: check.check === 'consent' ? roles : 'Done.' };
  }
  if (check.problem === null) {
    return { about, result: 'not_checked', found: 'What comes before it failed.', toDo: 'Mend that first.' };
  }
  const [found, toDo] = PROBLEMS[check.problem];
  const missing = check.missingRoles.length === 0 ? '' : ` Missing: ${check.missingRoles.join(', ')}.`;
  return { about, result: 'wrong', found: `${found}${missing}`, toDo };
}
