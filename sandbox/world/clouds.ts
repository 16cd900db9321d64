/**
 * Hosts of the national clouds, which the sandbox may stand in for under their own names, at the network. Where attachments are
 * uploaded to is not documented: in the public cloud it is Exchange's host and not Graph's, so it is Exchange's of each cloud here.
 *
 * @see https://learn.microsoft.com/graph/deployments
 */
export const nationalClouds = {
  'gcc-high': { entra: 'login.microsoftonline.us', graph: 'graph.microsoft.us', uploads: 'outlook.office365.us' },
  dod: { entra: 'login.microsoftonline.us', graph: 'dod-graph.microsoft.us', uploads: 'outlook-dod.office365.us' },
  china: {
    entra: 'login.partner.microsoftonline.cn',
    graph: 'microsoftgraph.chinacloudapi.cn',
    uploads: 'partner.outlook.cn',
  },
} as const;

export type NationalCloud = keyof typeof nationalClouds;
