/** The sandbox cloud of one round: phones that speak by the round's seed, mailboxes that are empty, faults on request. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import { control } from '#lib/imports/connector.fixture.ts';
import type { FaultRule } from '#sandbox/control/fault-rule.ts';
import { type SandboxAddresses, sandboxAddresses, sandboxEnvironment } from '../services/environment.ts';
import { sandboxPart } from '../services/node-parts.ts';
import { place } from '../services/place.ts';
import { freePorts } from '../services/ports.ts';

/** What a rule was asked for, but for what has a default. */
export type Fault = Pick<FaultRule, 'service' | 'fault'> & Partial<Omit<FaultRule, 'service' | 'fault'>>;

export interface FaultState {
  readonly id: string;
  readonly route: string;
  readonly service: string;
  readonly fault: { readonly kind: string };
  readonly seen: number;
  readonly struck: number;
}

export interface Cloud {
  readonly addresses: SandboxAddresses;
  readonly ports: { readonly graph: number; readonly telemessage: number };
  addFault(rule: Fault): Promise<string>;
  removeFault(id: string): Promise<void>;
  faults(): Promise<readonly FaultState[]>;
  control(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

const rulesSchema = z.object({
  rules: z.array(
    z.object({
      id: z.string(),
      route: z.string(),
      service: z.string(),
      fault: z.object({ kind: z.string() }),
      seen: z.number(),
      struck: z.number(),
    }),
  ),
});
const ruleSchema = z.object({ id: z.string() });

const trusted = new Set<string>();

/**
 * Starts one, which holds nothing against the contracts: who is killed in the middle of a request leaves half of it.
 * Its certificates are trusted in this process; all clouds of a run share those in its folder.
 *
 * @param settings variables of sandbox/settings.ts
 */
export async function startCloud(folder: string, settings: Readonly<Record<string, string>>): Promise<Cloud> {
  const ports = await freePorts();
  const tlsFolder = join(folder, 'tls');
  const part = sandboxPart({
    place: place(folder),
    env: { ...sandboxEnvironment(ports, 'memory', tlsFolder), ...settings },
    ports: [
      ports.sandboxHttp,
      ports.sandboxEntra,
      ports.sandboxGraph,
      ports.sandboxTelemessage,
      ports.sandboxSmtp,
      ports.sandboxHooks,
    ],
  });
  await part.start().catch(async (error: unknown) => {
    await part.stop();
    throw error;
  });
  const addresses = sandboxAddresses(ports, tlsFolder);
  if (!trusted.has(addresses.caFile)) {
    trusted.add(addresses.caFile);
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(addresses.caFile, 'utf8')]);
  }
  return {
    addresses,
    ports: { graph: ports.sandboxGraph, telemessage: ports.sandboxTelemessage },
    addFault: async (rule) => ruleSchema.parse(await control(addresses, 'POST', 'faults', rule)).id,
    removeFault: async (id) => void (await control(addresses, 'DELETE', `faults/${id}`)),
    faults: async () => rulesSchema.parse(await control(addresses, 'GET', 'faults')).rules,
    control: (method, path, body) => control(addresses, method, path, body),
    stop: () => part.stop(),
  };
}
