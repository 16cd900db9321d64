/** placeholder */
import { join } from 'node:path';
import { putInForce, startDatabases } from './mapping/database.ts';
import { writeMappingFile } from './mapping/file.ts';
import { run } from './mapping/run.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const databases = await startDatabases();
try {
  const file = join(databases.folder, 'mapping.csv');
  console.log(writeMappingFile(file, rows));
  console.log('bare', await run('bare-loop.ts', file, await databases.open()));
  const url = await databases.open();
  console.log('ours', await run('upload.ts', file, url));
  await putInForce(url);
  console.log('resolve', await run('resolve.ts', url, String(rows), '20000'));
} finally {
  await databases.stop();
}
