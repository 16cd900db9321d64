/** Makes one evidence package in a process of its own, and says as a line of JSON what that took. Started by `package.ts`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseAuditKeys } from '#lib/audit/keys.ts';
import { openDatabase } from '#lib/db.ts';
import { evidencePackage } from '#lib/evidence/package/build.ts';
import { ORGANIZATION } from '../portal/ledger.ts';

const [, , url = '', from = '', to = '', path = ''] = process.argv;
const { pool, prisma } = openDatabase(url);
const auditor = {
  organizationId: ORGANIZATION,
  userId: randomUUID(),
  name: 'Ingrid',
  address: 'ingrid@alderbyrne.example',
  roles: ['DataConnectors.Auditor' as const],
};
const none = async function* () {};
const begun = performance.now();
let first = 0;
let bytes = 0;
const zip = await evidencePackage(
  {
    pool,
    keys: parseAuditKeys(`a1:${randomBytes(32).toString('base64')}`),
    anchors: { put: async () => {}, all: none, checkpoints: none, isImmutable: async () => true },
    now: () => new Date(),
  },
  auditor,
  { from, to, connectorId: null },
);
if (zip === 'too_many') throw new Error('two others are being made');
zip.on('data', (chunk: Buffer) => {
  if (bytes === 0) first = performance.now() - begun;
  bytes += chunk.length;
});
await pipeline(
  zip,
  path === '' ? new Writable({ write: (_chunk, _encoding, done) => done() }) : createWriteStream(path),
);
const seconds = (performance.now() - begun) / 1_000;
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
console.log(JSON.stringify({ firstByteMs: first, seconds, bytes, peakMb: Number(peak) / 1_024 }));
await prisma.$disconnect();
await pool.end();
