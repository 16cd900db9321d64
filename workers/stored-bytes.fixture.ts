/** For tests: everything that an installation has stored, as bytes, whatever product code thinks of it. */
import { readFileSync } from 'node:fs';
import { BlobServiceClient } from '@azure/storage-blob';
import { Redis } from 'ioredis';
import type pg from 'pg';

/** Bytes by the place where they lie: `table connector`, `redis portal:…`, `blob …`, `log`. */
export type Stored = Map<string, Buffer>;

/** Every row of every table with all its columns, bytes as they are and in PostgreSQL's hexadecimal form. */
export async function storedInDatabase(pool: pg.Pool): Promise<Stored> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const stored: Stored = new Map();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    const text = rows.map(({ row }) => row).join('\n');
    const bytes = [...text.matchAll(/\\x([0-9a-f]{2,})/g)].map(([, hex]) => Buffer.from(hex ?? '', 'hex'));
    stored.set(`table ${name}`, Buffer.concat([Buffer.from(text), ...bytes]));
  }
  return stored;
}

export async function storedInRedis(url: string): Promise<Stored> {
  const redis = new Redis(url);
  const stored: Stored = new Map();
  try {
    for (const key of await redis.keys('*')) {
      stored.set(`redis ${key}`, Buffer.from(`${key}\n${JSON.stringify(await contentOf(redis, key))}`));
    }
  } finally {
    redis.disconnect();
  }
  return stored;
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const kind = await redis.type(key);
  switch (kind) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none':
      return null;
    default:
      throw new Error(`a key of kind ${kind}`);
  }
}

export async function storedInBlobs(connectionString: string, container: string): Promise<Stored> {
  const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container);
  const stored: Stored = new Map();
  if (!(await client.exists())) return stored;
  for await (const { name, metadata } of client.listBlobsFlat({ includeMetadata: true })) {
    // One that a worker has deleted since holds nothing.
    const content = await client
      .getBlobClient(name)
      .downloadToBuffer()
      .catch(() => Buffer.alloc(0));
    stored.set(`blob ${name}`, Buffer.concat([Buffer.from(`${name}\n${JSON.stringify(metadata)}\n`), content]));
  }
  return stored;
}

export function storedInFile(path: string): Stored {
  return new Map([[`file ${path.split('/').at(-1)}`, readFileSync(path)]]);
}

/** The forms in which something may stand there: as it is, in JSON, in a URL, in base64 at each of its three offsets, in hex. */
function formsOf(secret: Buffer): Buffer[] {
  const text = secret.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(secret);
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), secret])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters also depend on what stands beside it.
    return encoded.slice(offset === 0 ? 0 : 4, -2);
  });
  const forms = [
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    secret.toString('hex'),
    ...(isText ? [JSON.stringify(text).slice(1, -1), encodeURIComponent(text)] : []),
  ];
  return [secret, Buffer.from(text, 'utf16le'), ...[...new Set(forms)].map((form) => Buffer.from(form))];
}

export interface Found {
  readonly place: string;
  /** as it was given, shortened */
  readonly what: string;
}

/** Where any of these stands in plain text, in any form. */
export function findPlain(stored: Stored, secrets: readonly (string | Buffer)[]): Found[] {
  const found: Found[] = [];
  for (const secret of secrets) {
    const bytes: Buffer = typeof secret === 'string' ? Buffer.from(secret) : secret;
    if (bytes.length < 8) throw new RangeError(`too short to be looked for: ${bytes.length} bytes`);
    const forms = formsOf(bytes);
    for (const [place, content] of stored) {
      if (forms.some((form) => content.includes(form)))
        found.push({ place, what: bytes.toString('latin1').slice(0, 60) });
    }
  }
  return found;
}
