/** What the mapping API works with, from the environment of this process. */

import { microsoft, setUpParts } from '../connectors/composition.ts';
import * as versions from '../connectors/mapping/use-cases.ts';
import { fileTurns, notify } from '../connectors/portal-parts.ts';
import { env } from '../env.ts';
import { limits } from '../limits/composition.ts';
import { log } from '../log.ts';
import { appCallers } from '../microsoft/app-caller.ts';
import { discover } from '../microsoft/discovery.ts';
import { remembered } from '../organizations/tenant-of-domain.ts';
import type { MappingApiParts } from './put-mapping.ts';

const holder = globalThis as typeof globalThis & { portalMappingApi?: Omit<MappingApiParts, 'read'> };

/** The parts but for the reading of a request, which is the server's matter. One a process: it remembers keys. */
export function mappingApiParts(): Omit<MappingApiParts, 'read'> {
  holder.portalMappingApi ??= build();
  return holder.portalMappingApi;
}

function build(): Omit<MappingApiParts, 'read'> {
  const { database, enqueue, graphOf: graph } = setUpParts();
  const { hosts, transport } = microsoft();
  const now = (): number => performance.now();
  const endpointsOf = remembered((tenantId) => discover(hosts, tenantId, transport, AbortSignal.timeout(10_000)), {
    lifetimeMs: 60 * 60_000,
    most: 1_000,
    now,
  });
  return {
    mapping: { database, enqueue, notify, graph },
    versions,
    callerOf: appCallers({
      organizations: env().ORGANIZATIONS,
      clientId: env().ENTRA_CLIENT_ID.toLowerCase(),
      endpointsOf,
      transport,
      now: () => new Date(),
    }),
    limits: limits(),
    busy: new Set(),
    turns: fileTurns('upload'),
    log: log(),
  };
}
