/**
 * The largest attachments through real workers: in bounded memory, and gone on with by the next one, however the one
 * before ended.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { control } from '#lib/imports/connector.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { people } from '#lib/imports/scripted-source.fixture.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { errorsIn, type Installation, installation, until } from './installation.fixture.ts';
import { type LargeSite, largeSite } from './large-site.fixture.ts';
import type { WorkerProcess } from './worker-process.fixture.ts';

const MB = 1024 * 1024;
/** A mailbox takes 150 MB in all, and the message is a part of that. */
const ATTACHMENT_MB = 149;
const STOP_MS = 20_000;
/** What a worker may take more than it has when it is idle: blocks, parts and chunks on their way, and slack of the heap. */
const EXTRA_BYTES = 140 * MB;
const [anna] = people as readonly [Person];
const TIMES = {
  SHARD_LEASE_SECONDS: '20',
  GRAPH_TIMEOUT_SECONDS: '10',
  LATE_COMMIT_SECONDS: '2',
  RECONCILE_SECONDS: '1',
};

let sandbox: TestSandbox;
beforeAll(async () => {
  // 150 MB in five minutes is what one mailbox takes; some of this is sent twice.
  sandbox = await startTestSandbox({ SANDBOX_LIMITS_SCALE: '10' });
});
afterAll(() => sandbox.stop());

let site: LargeSite;
let place: Installation;
async function begin(megabytes: number, times: Readonly<Record<string, string>> = TIMES): Promise<void> {
  site = await largeSite(anna, megabytes);
  place = await installation(sandbox, { ...times, TELEMESSAGE_URL: site.baseUrl });
  await control(sandbox, 'PATCH', `mailboxes/${anna.id}`, { kind: 'user', messageBytes: 150 * MB });
}
afterEach(async () => {
  await place.close();
  await site.stop();
});

const fault = (route: string, kind: object, after = 0) =>
  control(sandbox, 'POST', 'faults', { service: 'graph', route, after, fault: kind });

/** Bytes of the upload that Graph has confirmed. */
const sent = (): Promise<number> => place.number('SELECT max(sent) FROM upload_session');
const isImported = async (): Promise<boolean> =>
  (await place.number(`SELECT count(*) FROM delivery WHERE state = 'imported'`)) === 1;

/** Resident memory of a process: its peak so far, and now. */
function memoryOf({ pid }: WorkerProcess): { readonly peak: number; readonly now: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { peak: kilobytes('VmHWM') * 1024, now: kilobytes('VmRSS') * 1024 };
}

const attachmentsSchema = z.object({ value: z.array(z.object({ id: z.string(), name: z.string() })) });

/** SHA-256 of the only attachment of the only message, read as a stream. */
async function hashInMailbox(): Promise<string> {
  const { graph } = sandboxClients(sandbox);
  const messages = (await readMailboxes(graph)).get(anna.id) ?? [];
  expect(messages.length).toBe(1);
  const path = `/users/${anna.id}/messages/${messages[0]?.id}/attachments`;
  const { body } = await graph.request({ method: 'GET', url: `${path}?$select=id,name` });
  const { value } = attachmentsSchema.parse(body);
  expect(value.map(({ name }) => name)).toEqual(['video.mp4']);
  // Graph's answer would be 200 MB of JSON.
  const page = `mailboxes/${anna.id}/messages/${messages[0]?.id}/attachments/${value[0]?.id}`;
  const response = await fetch(`${sandbox.http}/${page}`);
  expect(response.status).toBe(200);
  const hash = createHash('sha256');
  for await (const chunk of response.body ?? []) hash.update(chunk);
  return hash.digest('hex');
}

it('an upload of 149 MB that is stopped, then killed, goes on in its session, in bounded memory', async () => {
  await begin(ATTACHMENT_MB);
  await fault('PUT /uploads/*', { kind: 'delay', ms: 150 });
  // Who began anew would need a second session, and get none.
  await fault('POST */createUploadSession', { kind: 'refuse', status: 503, code: 'ServiceUnavailable' }, 1);
  const stopped = place.start();
  await until(async () => (await sent()) > 20 * MB);
  const first = memoryOf(stopped);
  const { code, ms } = await stopped.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(STOP_MS);
  const atStop = await sent();
  expect(atStop).toBeLessThan(site.size);

  const killed = place.start();
  await until(async () => (await sent()) > atStop + 20 * MB);
  await killed.kill();

  const last = place.start();
  const idle = await idleMemory(last);
  await until(isImported);
  const { peak } = memoryOf(last);
  expect(await hashInMailbox()).toBe(site.sha256);
  expect(await place.number('SELECT count(*) FROM upload_session')).toBe(0);
  expect(await place.number('SELECT count(*) FROM alert')).toBe(0);
  expect(errorsIn(place)).toEqual([]);
  const megabytes = (bytes: number): number => Math.round(bytes / MB);
  console.info(
    `worker: idle ${megabytes(idle)} MB, peak of a download of 149 MB ${megabytes(first.peak)} MB, of an upload ` +
      `${megabytes(peak)} MB; stopped in ${Math.round(ms)} ms in the middle of the upload`,
  );
  expect(peak - idle).toBeLessThan(EXTRA_BYTES);
  expect(first.peak - idle).toBeLessThan(EXTRA_BYTES);
}, 360_000);

it('a download of 149 MB that is stopped in the middle ends in time, and the next worker brings the message', async () => {
  await begin(ATTACHMENT_MB);
  site.pace = 100;
  const stopped = place.start();
  await until(async () => site.served > 20 * MB);
  const { code, ms } = await stopped.stop();
  console.info(`stopped in ${Math.round(ms)} ms in the middle of the download`);
  expect(code).toBe(0);
  expect(ms).toBeLessThan(STOP_MS);
  expect(site.served).toBeLessThan(site.size);
  site.pace = 0;
  place.start();
  await until(isImported);
  expect(await hashInMailbox()).toBe(site.sha256);
  expect(errorsIn(place)).toEqual([]);
}, 360_000);

it('an upload that hangs does not hold up the end of its worker, and goes on at once', async () => {
  // An hour, had the next worker to wait until nothing of this can be under way.
  await begin(12, { RECONCILE_SECONDS: '1', LATE_COMMIT_SECONDS: '3600', SHARD_LEASE_SECONDS: '120' });
  await fault('PUT /uploads/*', { kind: 'no-answer' }, 1);
  const stopped = place.start();
  await until(async () => (await sent()) > 0);
  const { code, ms } = await stopped.stop();
  console.info(`stopped in ${Math.round(ms)} ms while an upload hung`);
  expect(code).toBe(0);
  expect(ms).toBeLessThan(STOP_MS);
  await control(sandbox, 'DELETE', 'faults');
  await fault('POST */createUploadSession', { kind: 'refuse', status: 503, code: 'ServiceUnavailable' });
  place.start();
  await until(isImported);
  expect(await hashInMailbox()).toBe(site.sha256);
}, 240_000);

/** What it takes once it is ready, before it has any of this in hand. */
async function idleMemory(worker: WorkerProcess): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  const lines = (): number => readFileSync(place.logFile, 'utf8').split('"worker started"').length;
  const before = lines();
  await until(async () => {
    least = memoryOf(worker).now;
    return lines() > before || (await isImported());
  });
  return least;
}
