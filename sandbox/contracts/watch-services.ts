/**
 * For tests: the sandbox's services held against the contracts of a folder, as long as they run. What was checked and
 * what did not keep to a contract is asked for by the control API, `GET /sandbox/control/contracts`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { parse } from 'yaml';
import type { ServiceName } from '../control/fault.ts';
import { Contract } from './contract.ts';
import { telemessageContract } from './telemessage-contract.ts';
import { type Watched, type WatchOptions, watch } from './watch.ts';

export interface ContractReport {
  /** by contract: how often each operation was checked, those inside a batch apart */
  readonly checked: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** each once; empty when everything kept to the contracts */
  readonly violations: readonly string[];
}

export interface ContractWatch {
  /** Watches what is registered on a listener later. */
  on(service: ServiceName, server: FastifyInstance): void;
  report(): ContractReport;
}

interface WatchedContract {
  readonly service: ServiceName;
  readonly file: string;
  readonly options: (content: unknown) => WatchOptions;
}

/** Graph's contracts are slices of what the service has: a property that they do not name is a mistake in the sandbox. */
const graph = (content: unknown, base: string, outside: readonly string[]): WatchOptions => ({
  contract: new Contract(content, { unknownInAnswers: 'faults' }),
  base,
  outside: (path) => outside.some((begin) => path.startsWith(begin)),
});

const contracts: Readonly<Record<string, WatchedContract>> = {
  graph: {
    service: 'graph',
    file: 'graph-v1.0.openapi.json',
    options: (content) => graph(content, '/v1.0', ['/uploads/', '/beta/']),
  },
  'graph beta': {
    service: 'graph',
    file: 'graph-beta-exchange-roles.openapi.json',
    options: (content) => graph(content, '/beta', ['/uploads/', '/v1.0/']),
  },
  telemessage: {
    service: 'telemessage',
    file: 'telemessage-archive.openapi.yaml',
    options: (content) => ({
      contract: telemessageContract(content),
    }),
  },
};

const BESIDE = fileURLToPath(new URL('../../../shared/contracts', import.meta.url));

/** The folder beside the project that holds the contracts, or which of its files are missing. */
export function contractsBeside(): { readonly folder: string } | { readonly missing: readonly string[] } {
  const paths = Object.values(contracts).map(({ file }) => join(BESIDE, file));
  const missing = paths.filter((path) => !existsSync(path));
  return missing.length === 0 ? { folder: BESIDE } : { missing };
}

/**
 * A watch over the contracts in `folder`; without a folder it watches nothing.
 * @throws {Error} where a file is missing or is no contract
 */
export function contractWatch(folder: string | undefined): ContractWatch {
  const watched = new Map<string, Watched>();
  return {
    on: (service, server) => {
      if (folder === undefined) return;
      for (const [name, contract] of Object.entries(contracts)) {
        if (contract.service !== service) continue;
        // JSON is YAML, too
        const content: unknown = parse(readFileSync(join(folder, contract.file), 'utf8'));
        watched.set(name, watch(server, contract.options(content)));
      }
    },
    report: () => ({
      checked: Object.fromEntries([...watched].map(([name, { checked }]) => [name, Object.fromEntries(checked)])),
      violations: [...watched.values()].flatMap(({ violations }) => violations),
    }),
  };
}
