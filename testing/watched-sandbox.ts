/** A sandbox cloud in this process, with a validator between it and whoever calls it. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { Contract } from '#sandbox/contracts/contract.ts';
import { type Watched, watch } from '#sandbox/contracts/watch.ts';
import type { SandboxSettings } from '#sandbox/settings.ts';
import { startSandbox, testSettings } from '#sandbox/start.ts';
import './global-setup.ts';
import type { TestSandbox } from './sandbox.ts';

const GRAPH = resolve('../shared/contracts/graph-v1.0.openapi.json');
const TELEMESSAGE = resolve('../shared/contracts/telemessage-archive.openapi.yaml');
const ERROR = '#/components/responses/Error/content/application~1json/schema';
const THROTTLED = '#/components/responses/Throttled/content/application~1json/schema';

/** Why nothing can be held against the contracts; null where it can. They lie beside the project. */
export function contractsMissing(): string | null {
  const missing = [GRAPH, TELEMESSAGE].filter((file) => !existsSync(file));
  return missing.length === 0 ? null : `The contracts are not there: ${missing.join(', ')}`;
}

export interface WatchedSandbox extends TestSandbox {
  readonly graphWatched: Watched;
  readonly telemessageWatched: Watched;
}

/** Starts one, trusted by this process. Stop it in `afterAll`. */
export async function startWatchedSandbox(change: Partial<SandboxSettings> = {}): Promise<WatchedSandbox> {
  const watched = new Map<string, Watched>();
  const sandbox = await startSandbox({
    settings: testSettings(join(inject('services').folder, 'sandbox-watched-tls'), change),
    onListener: (service, server) => {
      if (service === 'graph') {
        const contract = new Contract(JSON.parse(readFileSync(GRAPH, 'utf8')), { unknownInAnswers: 'faults' });
        const outside = (path: string) => path.startsWith('/uploads/');
        watched.set(service, watch(server, { contract, base: '/v1.0', outside }));
      }
      if (service === 'telemessage') {
        const contract = new Contract(parse(readFileSync(TELEMESSAGE, 'utf8')), {
          // the contract's words: these can answer every call, and clients ignore fields that they do not know
          everywhere: { 401: ERROR, 403: ERROR, 429: THROTTLED, 503: THROTTLED },
          unknownInAnswers: 'allowed',
        });
        watched.set(service, watch(server, { contract }));
      }
    },
  });
  const [graphWatched, telemessageWatched] = [watched.get('graph'), watched.get('telemessage')];
  if (!graphWatched || !telemessageWatched) throw new RangeError('the sandbox named no such listener');
  const { http, entra, graph, telemessage } = sandbox.urls;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(sandbox.caPath, 'utf8')]);
  return {
    ...{ http, entra, graph, telemessage, caFile: sandbox.caPath, stop: sandbox.stop },
    graphWatched,
    telemessageWatched,
  };
}
