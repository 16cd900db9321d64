/**
 * Microsoft's clouds: national clouds differ in hosts only. Every other file of this folder gets its hosts from here.
 *
 * @see https://learn.microsoft.com/graph/deployments
 */

export const MICROSOFT_CLOUDS = ['public', 'gcc-high', 'dod', 'china'] as const;
export type MicrosoftCloud = (typeof MICROSOFT_CLOUDS)[number];

export interface MicrosoftHosts {
  /** without a slash at the end: `https://graph.microsoft.com` */
  readonly graphUrl: string;
  /** without tenant and slash: `https://login.microsoftonline.com` */
  readonly authority: string;
  /** what a token is asked for. The cloud's own resource also where `graphUrl` points elsewhere: an audience is a name */
  readonly graphScope: string;
  /** hosts (with port) of the two that are not this cloud's; empty in production */
  readonly foreignHosts: readonly string[];
}

interface CloudNames {
  readonly graph: string;
  readonly entra: string;
  /** of the parameter -ExchangeEnvironmentName of Connect-ExchangeOnline; null where it is its default */
  readonly exchangeEnvironment: string | null;
}

const CLOUDS: Readonly<Record<MicrosoftCloud, CloudNames>> = {
  public: { graph: 'graph.microsoft.com', entra: 'login.microsoftonline.com', exchangeEnvironment: null },
  'gcc-high': {
    graph: 'graph.microsoft.us',
    entra: 'login.microsoftonline.us',
    exchangeEnvironment: 'O365USGovGCCHigh',
  },
  dod: { graph: 'dod-graph.microsoft.us', entra: 'login.microsoftonline.us', exchangeEnvironment: 'O365USGovDoD' },
  china: {
    graph: 'microsoftgraph.chinacloudapi.cn',
    entra: 'login.partner.microsoftonline.cn',
    exchangeEnvironment: 'O365China',
  },
};

const MICROSOFT_HOSTS: ReadonlySet<string> = new Set(
  Object.values(CLOUDS).flatMap(({ graph, entra }) => [graph, entra]),
);

/**
 * The hosts of a cloud, each of which the operator may override (`GRAPH_URL`, `ENTRA_AUTHORITY`).
 *
 * @throws RangeError for an override that is no https URL
 */
export function microsoftHosts(
  cloud: MicrosoftCloud,
  overrides: { readonly graphUrl?: string | undefined; readonly authority?: string | undefined } = {},
): MicrosoftHosts {
  const graphUrl = httpsUrl(overrides.graphUrl ?? `https://${CLOUDS[cloud].graph}`);
  const authority = httpsUrl(overrides.authority ?? `https://${CLOUDS[cloud].entra}`);
  return {
    graphUrl,
    authority,
    graphScope: `https://${CLOUDS[cloud].graph}/.default`,
    foreignHosts: [...new Set([graphUrl, authority].map((url) => new URL(url).host))].filter(
      (host) => host !== CLOUDS[cloud].graph && host !== CLOUDS[cloud].entra,
    ),
  };
}

/** Whether a host (with port, where it is not the default one) belongs to one of the clouds. */
export function isMicrosoftHost(host: string): boolean {
  return MICROSOFT_HOSTS.has(host.toLowerCase());
}

/** What Exchange Online PowerShell calls a cloud; null where it needs no name. */
export function exchangeEnvironment(cloud: MicrosoftCloud): string | null {
  return CLOUDS[cloud].exchangeEnvironment;
}

function httpsUrl(value: string): string {
  if (!URL.canParse(value) || new URL(value).protocol !== 'https:')
    throw new RangeError(`not an https address: ${value}`);
  const url = new URL(value);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
