/**
 * A sandbox cloud of its own for one test file: Entra ID, Graph and TeleMessage on free ports, state in memory. Every
 * request that it gets and every answer that it gives is held against the contracts, where these lie beside the project.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inject } from 'vitest';
import { type SandboxAddresses, sandboxAddresses, sandboxEnvironment } from '../scripts/services/environment.ts';
import { sandboxPart } from '../scripts/services/node-parts.ts';
import { place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { type ContractReport, contractReport, watchSetting } from '../scripts/test/contracts.ts';
import './global-setup.ts';

export interface TestSandbox extends SandboxAddresses {
  /** what was held against the contracts so far, and what broke them */
  contracts(): Promise<ContractReport>;
  /** @throws {Error} naming what broke a contract while it ran, once it has ended */
  stop(): Promise<void>;
}

/**
 * Starts one and trusts its certificate authority in this process; a child process needs NODE_EXTRA_CA_CERTS, which
 * `productEnvironment` sets. `settings` are variables of sandbox/settings.ts. Stop it in `afterAll`.
 */
export async function startTestSandbox(settings: Readonly<Record<string, string>> = {}): Promise<TestSandbox> {
  const ports = await freePorts();
  const folder = join(inject('services').folder, `sandbox-${randomUUID()}`);
  const tlsFolder = join(folder, 'tls');
  const part = sandboxPart({
    place: place(folder),
    env: { ...sandboxEnvironment(ports, 'memory', tlsFolder), ...watchSetting(), ...settings },
    ports: [
      ports.sandboxHttp,
      ports.sandboxEntra,
      ports.sandboxGraph,
      ports.sandboxTelemessage,
      ports.sandboxSmtp,
      ports.sandboxHooks,
    ],
  });
  try {
    await part.start();
  } catch (error) {
    await part.stop();
    throw error;
  }
  const addresses = sandboxAddresses(ports, tlsFolder);
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(addresses.caFile, 'utf8')]);
  const contracts = () => contractReport(addresses.http);
  let stopped = false;
  return {
    ...addresses,
    contracts,
    stop: async () => {
      if (stopped) return;
      stopped = true;
      // One that ended by itself cannot say what it saw, and that is a failure, too.
      const { violations } = await contracts().finally(() => part.stop());
      if (violations.length > 0) throw new Error(`A contract was broken:\n${violations.join('\n')}`);
    },
  };
}
