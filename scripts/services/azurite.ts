/** Azure Blob Storage: Azurite, Microsoft's own emulator. */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Part, processPart } from './part.ts';
import type { Place } from './place.ts';
import { acceptsConnection } from './probe.ts';

export interface AzuritePlan {
  readonly place: Place;
  readonly port: number;
  /** for tests: blobs in memory only */
  readonly volatile?: boolean;
}

/** Azurite's documented account. Its key is public, which is why it listens on the loopback address only. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export function azuriteConnectionString(port: number): string {
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${KEY}`,
    `BlobEndpoint=http://127.0.0.1:${port}/${ACCOUNT}`,
  ].join(';');
}

export function azuritePart(plan: AzuritePlan): Part {
  const data = plan.place.data('blobs');
  mkdirSync(data, { recursive: true });
  const storage = plan.volatile ? ['--inMemoryPersistence', '--extentMemoryLimit', '2048'] : ['--location', data];
  return processPart({
    name: 'Azurite',
    command: process.execPath,
    args: [
      createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js'),
      '--silent',
      '--disableTelemetry',
      // The SDK speaks newer versions of the protocol than the emulator knows; what we use is the same in both.
      '--skipApiVersionCheck',
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(plan.port),
      ...storage,
    ],
    cwd: data,
    logFile: plan.place.log('azurite'),
    runFile: plan.place.run('azurite'),
    ready: () => acceptsConnection(plan.port),
  });
}
