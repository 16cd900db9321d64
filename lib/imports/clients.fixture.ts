/** For integration tests: clients of a sandbox cloud that are the test's own, beside those of the product under test. */
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import type { SandboxAddresses } from '#scripts/services/environment.ts';
import type { ArchiveSource } from '../archive/source.ts';
import { telemessageSource } from '../archive/telemessage/source.ts';
import { type AppTokens, createAppTokens } from '../microsoft/app-token.ts';
import { microsoftHosts } from '../microsoft/clouds.ts';
import { createDownload, type Download } from '../microsoft/download.ts';
import { createGraph, type Graph } from '../microsoft/graph.ts';
import { createTransport } from '../microsoft/transport.ts';
import { account } from './connector.fixture.ts';

export interface SandboxClients {
  readonly tokens: AppTokens;
  readonly graph: Graph;
  readonly download: Download;
  readonly source: ArchiveSource;
}

export function sandboxClients(sandbox: SandboxAddresses): SandboxClients {
  const hosts = microsoftHosts('public', { graphUrl: sandbox.graph, authority: sandbox.entra });
  const transport = createTransport();
  const credential = { secret: portalApp.clientSecret };
  const tokens = createAppTokens({ hosts, clientId: portalApp.clientId, credential, transport });
  return {
    tokens,
    graph: createGraph({ hosts, tokens, tenantId: alderByrne.id, transport }),
    download: createDownload({ hosts, tokens, tenantId: alderByrne.id, transport }),
    source: telemessageSource({
      baseUrl: sandbox.telemessage,
      kind: 'android-archiver',
      credentials: async () => ({ username: account.username, password: account.password }),
    }),
  };
}
