/** A sandbox for integration tests: in memory, on free ports, trusted by this process, with the clients to talk to it. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client } from '@microsoft/microsoft-graph-client';
import type { Clock } from './composition.ts';
import type { FaultRule } from './control/faults.ts';
import type { SandboxSettings } from './settings.ts';
import { type RunningSandbox, startSandbox, testSettings } from './start.ts';
import { alderByrne } from './world/alder-byrne.ts';
import type { Tenant } from './world/people.ts';
import { portalApp } from './world/portal-app.ts';

/** one CA for all suites of a process: trusting another one later does not reach connections that are kept alive */
const tlsDir = mkdtempSync(join(tmpdir(), 'sandbox-tls-'));

export interface TestSandbox extends RunningSandbox {
  /** Microsoft's client for Graph, signed in as the portal's app in this tenant. */
  graph(tenant?: Tenant): Client;
  /** The same with one token for all requests, as a product keeps it. */
  graphWith(accessToken: string): Client;
  msal(tenant?: Tenant, secret?: string): ConfidentialClientApplication;
  /** A fresh app token, past msal's cache. */
  token(tenant?: Tenant): Promise<string>;
  /** A fault in force, as the control API sets it. */
  fault(rule: Partial<FaultRule> & Pick<FaultRule, 'service' | 'fault'>): void;
}

export async function startTestSandbox(change: Partial<SandboxSettings> = {}, clock?: Clock): Promise<TestSandbox> {
  const sandbox = await startSandbox({ settings: testSettings(tlsDir, change), ...(clock && { clock }) });
  trust(sandbox.caPath);
  const host = new URL(sandbox.urls.graph).hostname;

  const msal = (tenant = alderByrne, secret: string = portalApp.clientSecret): ConfidentialClientApplication =>
    new ConfidentialClientApplication({
      auth: {
        clientId: portalApp.clientId,
        authority: `${sandbox.urls.entra}/${tenant.id}`,
        knownAuthorities: [new URL(sandbox.urls.entra).host],
        clientSecret: secret,
      },
    });
  const token = async (tenant = alderByrne): Promise<string> => {
    const scopes = ['https://graph.microsoft.com/.default'];
    const result = await msal(tenant).acquireTokenByClientCredential({ scopes, skipCache: true });
    if (!result) throw new Error('msal gave no token');
    return result.accessToken;
  };
  const client = (getAccessToken: () => Promise<string>): Client =>
    Client.initWithMiddleware({
      baseUrl: sandbox.urls.graph,
      customHosts: new Set([host]),
      authProvider: { getAccessToken },
    });
  return {
    ...sandbox,
    msal,
    token,
    graph: (tenant = alderByrne) => client(() => token(tenant)),
    graphWith: (accessToken) => client(async () => accessToken),
    fault: (rule) => {
      sandbox.parts.faults.add({ route: '*', rate: 1, after: 0, ...rule });
    },
  };
}

function trust(caPath: string): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(caPath, 'utf8')]);
}
