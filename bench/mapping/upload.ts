/** Our way: the upload's use-case on a connector of an organization. `node bench/mapping/upload.ts FILE URL CONNECTOR`. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { uploadMapping } from '#lib/mapping/upload.ts';
import { CONNECTOR, ORGANIZATION, VERSION } from './database.ts';
import { REGION } from './file.ts';
import { measured, printRun } from './run.ts';

const [file = '', url] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 2 });
const end = measured();
const bytes = await readFile(file);
const result = await uploadMapping(pool, {
  id: VERSION,
  organizationId: ORGANIZATION,
  connectorId: CONNECTOR,
  origin: 'file',
  fileName: 'mapping.csv',
  createdBy: 'bench',
  reason: null,
  bytes,
  options: { region: REGION },
  leaveOut: 0,
});
const took = end();
if (result.kind !== 'stored') throw new Error(JSON.stringify(result));
const { rows: sums } = await pool.query<{ sum: string }>(
  'SELECT sum(hashtextextended(number || mailbox, 0)::numeric)::text AS sum FROM mapping_row WHERE version_id = $1',
  [VERSION],
);
await pool.end();
printRun({ rows: result.rowCount, ...took, sum: sums[0]?.sum ?? '' });
