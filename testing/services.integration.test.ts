import { BlobServiceClient } from '@azure/storage-blob';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { testBlobConnection, testDatabase, testRedisUrl } from './services.ts';

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a test database is migrated, empty and its own', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await query(one, `insert into organization (id, name) values ('11111111-1111-4111-8111-111111111111', 'One')`);
  expect(await query(one, 'select name from organization')).toEqual([{ name: 'One' }]);
  expect(await query(other, 'select name from organization')).toEqual([]);
});

test('a Redis database is empty and its own', async () => {
  const [one, other] = await Promise.all([testRedisUrl(), testRedisUrl()]);
  const clients = [new Redis(one), new Redis(other)] as const;
  await clients[0].set('key', 'value');
  expect(await clients[1].dbsize()).toBe(0);
  for (const client of clients) client.disconnect();
});

test('a blob container keeps what is put into it', async () => {
  const { connectionString, container } = testBlobConnection();
  const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container);
  await client.create();
  await client.getBlockBlobClient('a/b').uploadData(Buffer.from('content'));
  expect((await client.getBlockBlobClient('a/b').downloadToBuffer()).toString()).toBe('content');
});
