/**
 * What an evidence package costs at 100,000 and at 1,000,000 items: time to the first byte and to the last, size, and the most
 * memory that the process ever had. `npm run bench:evidence-package`; `-- --items=100000` for a tenth of both. Each package is
 * made by a process of its own, and the large one is unpacked and checked by `sha256sum -c`. Needs Linux. No test waits for it.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { migrate } from '../scripts/migrations/migrate.ts';
import { place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../scripts/services/postgres.ts';
import { fillLedger } from './portal/ledger.ts';

const { values: given } = parseArgs({ options: { items: { type: 'string', default: '1000000' } } });
const ITEMS = Number(given.items);
const DAYS = 100;
/** The ratio of the two peaks that is asked for. */
const MOST_GROWTH = 1.2;

const costSchema = z.object({ firstByteMs: z.number(), seconds: z.number(), bytes: z.number(), peakMb: z.number() });
const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

const folder = mkdtempSync(join(tmpdir(), 'bench-package-'));
const { postgres: port } = await freePorts();
const password = randomUUID();
const postgres = postgresPart({ place: place(folder), port, password, volatile: true });
try {
  await postgres.start();
  await ensureDatabase(port, password, 'evidence');
  const url = postgresUrl(port, password, 'evidence');
  await migrate(url);
  await fillLedger(url, { connectors: 20, rows: ITEMS * 2, days: DAYS, users: 1_000 });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO item_identity (source_id, source_item_id, item_id, archived_at, sha256, organization_id)
     SELECT source_id, source_item_id, id, archived_at, sha256(source_item_id::bytea), organization_id FROM item`,
  );
  await client.query('VACUUM ANALYZE item_identity');
  const make = async (name: string, days: number, path = '') => {
    const [from, to] = [day(days), day(1)];
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM item WHERE archived_at >= $1::timestamptz`,
      [`${from}T00:00:00Z`],
    );
    const items = rows[0]?.count ?? 0;
    const args = [join(import.meta.dirname, 'evidence/one-package.ts'), url, from, to, path];
    const cost = costSchema.parse(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })));
    console.log(
      `${name}: ${items.toLocaleString('en')} items, first byte after ${cost.firstByteMs.toFixed(0)} ms, ${cost.seconds.toFixed(1)} s in all` +
        ` (${(items / cost.seconds).toFixed(0)} items/s), ZIP of ${(cost.bytes / 1e6).toFixed(0)} MB, at most ${cost.peakMb.toFixed(0)} MB of memory`,
    );
    return cost;
  };
  const small = await make('a tenth of the time', DAYS / 10);
  const path = join(folder, 'package.zip');
  const large = await make('all of it', DAYS, path);
  const into = join(folder, 'unpacked');
  execFileSync('unzip', ['-q', path, '-d', into]);
  console.log(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: into, encoding: 'utf8' }).trim());
  const growth = large.peakMb / small.peakMb;
  const isMet = growth <= MOST_GROWTH;
  console.log(
    `${isMet ? 'met' : 'MISSED'}: memory at ten times the items: ${growth.toFixed(2)}, at most ${MOST_GROWTH}`,
  );
  if (!isMet) process.exitCode = 1;
  await client.end();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
