import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { withLiterals } from './array-literal.ts';
import { type Database, inTransaction, isDatabaseAway, openDatabase } from './db.ts';

let database: Database;
beforeAll(async () => {
  database = openDatabase(await testDatabase({ schema: 'none' }));
  await database.pool.query('CREATE TABLE account AS SELECT id, 0 AS balance FROM generate_series(1, 2) AS id');
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});

it('a transaction that PostgreSQL undoes to end a deadlock runs again', async () => {
  let arrived = 0;
  let both: () => void = () => {};
  const bothHoldOne = new Promise<void>((resolve) => {
    both = resolve;
  });
  // Each takes its own row, waits for the other to have one, and then wants it.
  const add = (first: number, second: number): Promise<void> =>
    inTransaction(database.pool, async (client) => {
      await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [first]);
      arrived += 1;
      if (arrived === 2) both();
      await bothHoldOne;
      await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [second]);
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  expect(arrived).toBe(3);
  const { rows } = await database.pool.query('SELECT balance FROM account');
  expect(rows).toEqual([{ balance: 2 }, { balance: 2 }]);
});

it('what fails for another reason is not repeated, and leaves nothing', async () => {
  let runs = 0;
  const failing = inTransaction(database.pool, async (client) => {
    runs += 1;
    await client.query('UPDATE account SET balance = 100');
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(runs).toBe(1);
  const { rows } = await database.pool.query('SELECT max(balance) AS most FROM account');
  expect(rows).toEqual([{ most: 2 }]);
});

it('a connection that breaks between two statements fails its transaction and nothing else', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    const broken = inTransaction(database.pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      // The work of a transaction waits for other things, too; the news comes while nobody asks.
      await sleep(200);
      await client.query('UPDATE account SET balance = 200');
    });
    await expect(broken).rejects.toThrow();
  } finally {
    process.off('uncaughtException', note);
  }
  expect(uncaught).toEqual([]);
  const { rows } = await database.pool.query('SELECT max(balance) AS most FROM account');
  expect(rows).toEqual([{ most: 2 }]);
});

it('that PostgreSQL is away is told from a statement that it refuses', async () => {
  const met = (asking: Promise<unknown>): Promise<unknown> =>
    asking.then(
      () => 'no error',
      (error: unknown) => error,
    );
  expect(isDatabaseAway(await met(database.pool.query('SELECT no_such_column')))).toBe(false);
  expect(isDatabaseAway(await met(database.pool.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toBe(true);
  const idle = await database.pool.connect();
  const { rows } = await idle.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await sleep(200);
  const broken = await met(idle.query('SELECT 1'));
  idle.release(true);
  expect(isDatabaseAway(broken)).toBe(true);
  const nowhere = openDatabase('postgresql://nobody@127.0.0.1:1/none');
  const refused = await met(nowhere.pool.query('SELECT 1'));
  await nowhere.prisma.$disconnect();
  await nowhere.pool.end();
  expect(isDatabaseAway(refused)).toBe(true);
});

it('a database host that vanishes without a word is given up, and found again when it is back', async () => {
  const url = new URL(await testDatabase({ schema: 'none' }));
  const target = { host: url.hostname, port: Number(url.port) };
  let vanished = false;
  const line = createServer((client) => {
    const server = connect(target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (data) => vanished || to.write(data));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  url.host = `127.0.0.1:${(line.address() as AddressInfo).port}`;
  const far = openDatabase(url.href, 2, 1_000);
  try {
    await far.pool.query('SELECT 1');
    vanished = true;
    expect(isDatabaseAway(await far.pool.query('SELECT 1').catch((error: unknown) => error))).toBe(true);
    vanished = false;
    expect((await far.pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
  } finally {
    await far.prisma.$disconnect();
    await far.pool.end();
    line.close();
  }
});

it('a transaction begins with its first statement, and what that does is undone with the rest', async () => {
  const { pool } = database;
  const began = await inTransaction(pool, async (client) => {
    const { rows } = await client.query(
      'UPDATE account SET balance = 7 WHERE id = $1 RETURNING balance, now() AS at',
      [1],
    );
    await client.query('SELECT pg_sleep(0.01)');
    const { rows: later } = await client.query('SELECT now() AS at');
    return { balance: rows[0]?.balance, same: rows[0]?.at.getTime() === later[0]?.at.getTime() };
  });
  expect(began).toEqual({ balance: 7, same: true });
  const failing = inTransaction(pool, async (client) => {
    await client.query('UPDATE account SET balance = 8');
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow(RangeError);
  await expect(inTransaction(pool, async (client) => client.query('SELECT 1 / $1::int', [0]))).rejects.toThrow('zero');
  await expect(inTransaction(pool, async () => 'nothing asked')).resolves.toBe('nothing asked');
  const set = inTransaction(pool, async (client) => {
    await client.query("SET LOCAL work_mem = '1MB'; SET LOCAL jit = off");
    return (await client.query("SELECT current_setting('work_mem') AS memory")).rows;
  });
  await expect(set).resolves.toEqual([{ memory: '1MB' }]);
  const one = inTransaction(pool, async (client) => (await client.query('SELECT 1 AS one')).rows);
  await expect(one).resolves.toEqual([{ one: 1 }]);
  const { rows } = await pool.query('SELECT max(balance) AS most, min(balance) AS least FROM account');
  expect(rows).toEqual([{ most: 7, least: 2 }]);
});

it('arrays arrive as they were, whatever their elements hold', async () => {
  const { pool } = database;
  const text = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('NULL', 'null', '', '{}', ' a ', '"', '\\', ',', "'"),
    ),
  );
  const storable = text.map((value) => value?.replaceAll('\0', '').toWellFormed() ?? null);
  const time = fc.option(
    fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('+057300-01-01T00:00:00Z'), noInvalidDate: true }),
  );
  const row = fc.record({
    text: storable,
    time,
    bytes: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
    big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    double: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true })),
    flag: fc.option(fc.boolean()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (given) => {
      const { rows } = await pool.query(
        `SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bytea[], $4::bigint[], $5::float8[], $6::boolean[])
           AS t (text, time, bytes, big, double, flag)`,
        withLiterals([
          given.map((one) => one.text),
          given.map((one) => one.time),
          given.map((one) => one.bytes),
          given.map((one) => one.big),
          given.map((one) => one.double),
          given.map((one) => one.flag),
        ]),
      );
      const expected = given.map((one) => ({
        ...one,
        big: one.big?.toString() ?? null,
        double: one.double === null ? null : one.double + 0,
      }));
      expect(rows).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it('arrays of arrays, and times that are none, are left to pg', async () => {
  const { pool } = database;
  const nested = [
    [1, 2],
    [3, 4],
  ];
  const { rows } = await pool.query('SELECT $1::int[] AS nested', withLiterals([nested]));
  expect(rows).toEqual([{ nested }]);
  const none = pool.query('SELECT $1::timestamptz[]', withLiterals([[new Date(Number.NaN)]]));
  await expect(none).rejects.toThrow('invalid input syntax');
});
