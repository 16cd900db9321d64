/**
 * A sandbox for integration tests: in memory, on free ports, trusted by this process, with the clients to talk to it. Its
 * answers are held against the contracts, where these lie beside the project.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { AuthenticationHandler, Client, HTTPMessageHandler } from '@microsoft/microsoft-graph-client';
import type { Clock } from './composition.ts';
import { contractsBeside } from './contracts/watch-services.ts';
import type { FaultRule } from './control/fault-rule.ts';
import type { SandboxSettings } from './settings.ts';
import { type RunningSandbox, startSandbox, testSettings } from './start.ts';
import { alderByrne } from './world/alder-byrne.ts';
import type { Tenant } from './world/people.ts';
import { portalApp } from './world/portal-app.ts';

/** one CA for all suites of a process: trusting another one later does not reach connections that are kept alive */
const tlsDir = mkdtempSync(join(tmpdir(), 'sandbox-tls-'));

export interface TestSandbox extends RunningSandbox {
  /** Microsoft's client for Graph, signed in as the portal's app in this tenant. */
  graph(tenant?: Tenant, options?: GraphOptions): Client;
  msal(tenant?: Tenant, secret?: string): ConfidentialClientApplication;
  /** A fresh app token, past msal's cache. */
  token(tenant?: Tenant): Promise<string>;
  /** A fault in force, as the control API sets it. */
  fault(rule: Partial<FaultRule> & Pick<FaultRule, 'service' | 'fault'>): void;
}

interface GraphOptions {
  /** false sends each request once, where the client would repeat it after 429, 503 and 504 */
  readonly retries?: boolean;
  /** a token for all requests, in place of a fresh one for each */
  readonly token?: string;
}

export async function startTestSandbox(change: Partial<SandboxSettings> = {}, clock?: Clock): Promise<TestSandbox> {
  const beside = contractsBeside();
  const contracts = 'folder' in beside ? beside.folder : undefined;
  const settings = testSettings(tlsDir, { contracts, ...change });
  const sandbox = await startSandbox({ settings, ...(clock && { clock }) });
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
  return {
    ...sandbox,
    stop: async () => {
      await sandbox.stop();
      // these tests ask for what is in no contract; what is answered keeps to it all the same
      const broken = sandbox.contracts.report().violations.filter((one) => one.includes(' answered '));
      if (broken.length > 0) throw new Error(`An answer broke its contract:\n${broken.join('\n')}`);
    },
    msal,
    token,
    graph: (tenant = alderByrne, options = {}) => {
      const authProvider = { getAccessToken: async () => options.token ?? token(tenant) };
      const once = [new AuthenticationHandler(authProvider), new HTTPMessageHandler()];
      return Client.initWithMiddleware({
        baseUrl: sandbox.urls.graph,
        customHosts: new Set([host]),
        ...(options.retries === false ? { middleware: once } : { authProvider }),
      });
    },
    fault: (rule) => {
      sandbox.parts.faults.add({ route: '*', rate: 1, after: 0, ...rule });
    },
  };
}

function trust(caPath: string): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(caPath, 'utf8')]);
}
