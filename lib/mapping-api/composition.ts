/** What the APIs for programs work with, from the environment of this process. */

import type { CollectParts } from '../audit/collect.ts';
import { microsoft, setUpParts } from '../connectors/composition.ts';
import * as versions from '../connectors/mapping/use-cases.ts';
import { fileTurns, notify } from '../connectors/portal-parts.ts';
import { database } from '../db.ts';
import { env } from '../env.ts';
import { limits } from '../limits/composition.ts';
import { log } from '../log.ts';
import { appCallers } from '../microsoft/app-caller.ts';
import { discover } from '../microsoft/discovery.ts';
import { remembered } from '../organizations/tenant-of-domain.ts';
import { clientAddress } from '../security/client-address.ts';
import type { MappingApiParts } from './put-mapping.ts';

const holder = globalThis as typeof globalThis & {
  portalMappingApi?: Omit<MappingApiParts, 'read'>;
  portalCollecting?: CollectParts;
};

/** The parts but for the reading of a request, which is the server's matter. One a process: it remembers keys. */
export function mappingApiParts(): Omit<MappingApiParts, 'read'> {
  holder.portalMappingApi ??= build();
  return holder.portalMappingApi;
}

/** What a SIEM's call works with; the same keys of Entra ID. */
export function collectParts(): CollectParts {
  const { callerOf, addressOf } = mappingApiParts();
  holder.portalCollecting ??= {
    pool: database().pool,
    callerOf,
    limits: limits(),
    noted: new Map(),
    addressOf,
    log: log(),
    now: () => new Date(),
  };
  return holder.portalCollecting;
}

function build(): Omit<MappingApiParts, 'read'> {
  const { database: own, enqueue, graphOf: graph } = setUpParts();
  const { hosts, transport } = microsoft();
  const now = (): number => performance.now();
  const endpointsOf = remembered((tenantId) => discover(hosts, tenantId, transport, AbortSignal.timeout(10_000)), {
    lifetimeMs: 60 * 60_000,
    most: 1_000,
    now,
  });
  return {
    mapping: { database: own, enqueue, notify, graph },
    versions,
    callerOf: appCallers({
      organizations: env().ORGANIZATIONS,
      clientId: env().ENTRA_CLIENT_ID.toLowerCase(),
      endpointsOf,
      transport,
      now: () => new Date(),
    }),
    limits: limits(),
    addressOf: ({ headers }) => clientAddress(headers.get('x-forwarded-for'), env().TRUSTED_PROXIES),
    busy: new Set(),
    turns: fileTurns('upload'),
    log: log(),
  };
}
