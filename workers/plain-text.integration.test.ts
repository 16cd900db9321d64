/**
 * After an import nothing that people wrote, and no password, lies in plain text anywhere: not in the database, not in Redis,
 * not in staging, not in the log. Looked for in all that is stored, in the middle of an import and at its end.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { BlobServiceClient } from '@azure/storage-blob';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemSchema } from '#lib/archive/item.ts';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { account } from '#lib/imports/connector.fixture.ts';
import { sealChannelSecret } from '#lib/notifications/secrets.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Installation, installation, until } from './installation.fixture.ts';
import {
  findPlain,
  type Stored,
  storedInBlobs,
  storedInDatabase,
  storedInFile,
  storedInRedis,
} from './stored-bytes.fixture.ts';

const WEBHOOK = `https://hooks.example/services/${randomBytes(16).toString('hex')}`;
const WEBHOOK_SECRET = randomBytes(24).toString('base64url');
const HEARTBEAT = `https://monitor.example/ping/${randomBytes(16).toString('hex')}`;
const SMTP_PASSWORD = randomBytes(24).toString('base64url');

let sandbox: TestSandbox;
let place: Installation;
/** all that the source's people wrote and sent, and what signs in */
let texts: string[];
let attachments: Buffer[];
let secrets: string[];
let numbers: string[];
/** in the middle of the import, and at its end */
const stored: Record<'midway' | 'after', Stored> = { midway: new Map(), after: new Map() };

async function everything(): Promise<Stored> {
  const { env, pool, logFile } = place;
  return new Map([
    ...(await storedInDatabase(pool)),
    ...(await storedInRedis(env.REDIS_URL ?? '')),
    ...(await storedInBlobs(env.AZURE_STORAGE_CONNECTION_STRING ?? '', env.STAGING_CONTAINER ?? '')),
    ...storedInFile(logFile),
  ]);
}

beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '120', SANDBOX_GRAPH_LATENCY_MS: '50' });
  const env = { RECONCILE_SECONDS: '1', LOG_LEVEL: 'trace', SMTP_USER: 'portal', SMTP_PASSWORD };
  place = await installation(sandbox, env);
  const { pool, keyRing, connectorId } = place;
  const seal = (what: Parameters<typeof sealChannelSecret>[2], secret: string) =>
    sealChannelSecret(keyRing, connectorId, what, secret);
  await pool.query(
    `INSERT INTO notification_setting (connector_id, organization_id, webhook_host, webhook_url_sealed, webhook_secret_sealed,
       webhook_id, heartbeat_host, heartbeat_url_sealed, heartbeat_id, summary_due_at)
     SELECT id, organization_id, 'hooks.example', $1, $2, gen_random_uuid(), 'monitor.example', $3, gen_random_uuid(), now()
     FROM connector`,
    [seal('webhook-url', WEBHOOK), seal('webhook-secret', WEBHOOK_SECRET), seal('heartbeat-url', HEARTBEAT)],
  );
  const worker = place.start();
  await until(async () => (await place.number(`SELECT count(*) FROM delivery WHERE state = 'imported'`)) > 5);
  worker.pause();
  stored.midway = await everything();
  worker.resume();
  const open = `SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending', 'created')`;
  const unfinished = `SELECT count(*) FROM import WHERE phase <> 'completed'`;
  await until(async () => (await place.number(open)) === 0 && (await place.number(unfinished)) === 0);
  stored.after = await everything();
  await worker.stop();

  const { source } = sandboxClients(sandbox);
  const { rows } = await pool.query<{ from: Date; to: Date }>(
    'SELECT min(starts_at) AS from, max(ends_at) AS to FROM import_window',
  );
  const [range] = rows;
  if (!range) throw new Error('no window');
  const raw: unknown[] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await source.items(range, cursor, 1000);
    raw.push(...page.items);
    cursor = page.nextCursor;
  }
  const items = raw.flatMap((one) => itemSchema.safeParse(one).data ?? []);
  texts = [...new Set(items.flatMap(({ text }) => (text != null && text.length >= 12 ? [text.slice(0, 200)] : [])))];
  numbers = [
    ...new Set(
      items.flatMap(({ owner, sender, recipients }) => [owner, sender, ...recipients]).map(({ mobile }) => mobile),
    ),
  ].filter((number) => /^\+\d{9,}$/.test(number));
  attachments = [];
  for (const { id, size } of items
    .flatMap((item) => item.attachments)
    .filter(({ size }) => size > 200)
    .slice(0, 25)) {
    const { body } = await source.attachment(id, 0).catch(() => ({ body: [] }));
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    // From the middle: the beginnings of files of one kind are alike.
    const middle = Math.floor(size / 2);
    attachments.push(Buffer.concat(parts).subarray(middle, middle + 48));
  }
  attachments = attachments.filter((piece) => piece.length === 48 && new Set(piece).size > 16);
  secrets = [
    ...[account.password, WEBHOOK, WEBHOOK_SECRET, HEARTBEAT, SMTP_PASSWORD],
    ...[place.env.NEXTAUTH_SECRET, place.env.ENTRA_CLIENT_SECRET, place.env.ENCRYPTION_KEYS?.split(':')[1]].map(String),
  ];
}, 300_000);
afterAll(async () => {
  await place.close();
  await sandbox.stop();
}, 120_000);

it('there is something to look for, and something in all places where it is looked for', () => {
  expect(texts.length).toBeGreaterThan(20);
  expect(attachments.length).toBeGreaterThan(3);
  expect(numbers.length).toBeGreaterThan(10);
  for (const moment of Object.values(stored)) {
    const kinds = Map.groupBy([...moment.keys()], (name) => name.split(' ')[0]);
    expect([...kinds.keys()].sort()).toEqual(['blob', 'file', 'redis', 'table']);
    expect([...moment.keys()].filter((name) => name.startsWith('table public.delivery_'))).not.toEqual([]);
  }
  expect(String(stored.after.get('table public.connector'))).toContain('sealed.');
});

describe.each(['midway', 'after'] as const)('%s, in database, Redis, blobs and log', (moment) => {
  it('lies no text of a message', () => {
    expect(findPlain(stored[moment], texts)).toEqual([]);
  });

  it('lies no attachment', () => {
    expect(findPlain(stored[moment], attachments)).toEqual([]);
  });

  it('lies no password, no address that is one, and no key', () => {
    expect(findPlain(stored[moment], secrets)).toEqual([]);
  });

  it('is no phone number in Redis and in the log', () => {
    const there = new Map([...stored[moment]].filter(([name]) => !name.startsWith('table ')));
    expect(findPlain(there, numbers)).toEqual([]);
  });
});

it('what does lie there in plain text is found, wherever somebody puts it', async () => {
  const { pool, env, logFile } = place;
  const text = texts.find((one) => one.includes(' ')) ?? '';
  await pool.query(`UPDATE import SET problem = $1`, [text]);
  await pool.query(`UPDATE attachment SET sha256 = $1`, [Buffer.from(`..${text}..`)]);
  await pool.query('UPDATE connector SET paused_by = $1', [Buffer.from(`x${account.password}y`).toString('base64')]);
  const redis = new Redis(env.REDIS_URL ?? '');
  await redis.hset('portal:deliver:1', 'data', JSON.stringify({ text }));
  redis.disconnect();
  const container = BlobServiceClient.fromConnectionString(
    env.AZURE_STORAGE_CONNECTION_STRING ?? '',
  ).getContainerClient(env.STAGING_CONTAINER ?? '');
  const plain = Buffer.concat([randomBytes(100), Buffer.from(text), randomBytes(100)]);
  await container.getBlockBlobClient('plain').upload(plain, plain.length);
  appendFileSync(logFile, `${JSON.stringify({ msg: text })}\n`);
  const places = findPlain(await everything(), [text, account.password]).map((one) =>
    one.place.replace(/attachment_.*/, 'attachment'),
  );
  expect(places.sort()).toEqual(
    [
      'blob plain',
      `file ${logFile.split('/').at(-1)}`,
      'redis portal:deliver:1',
      'table public.attachment',
      'table public.connector',
      'table public.import',
    ].sort(),
  );
});
