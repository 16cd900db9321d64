/**
 * `npm run restarts`: restarts portal, worker, Redis and PostgreSQL under a running import, and prints what readiness and metrics
 * said (docs/restarts.md). Ends with 1 where anything was otherwise than it should be, or a copy is not in its mailbox once.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runRestarts } from './restarts/run.ts';
import { table } from './restarts/table.ts';
import { PROJECT } from './services/place.ts';

const folder = join(PROJECT, '.test', `restarts-${process.pid}`);
try {
  const { seen, outcome, wrong } = await runRestarts(
    { folder, tools: join(PROJECT, '.test', 'chaos', 'tools'), distDir: '.test/next', itemsPerDay: 12_000, seed: 1 },
    console.log,
  );
  console.log(`\n${table(seen).join('\n')}\n`);
  const { verdict, doubts, lines } = outcome;
  if (verdict) {
    console.log(
      `${verdict.items} items, ${verdict.owed} copies owed, ${verdict.attachments} attachments whole, ${doubts.inDoubt} copies ever in doubt, surplus ${verdict.surplus}`,
    );
  }
  for (const line of lines) console.log(line);
  for (const line of wrong) console.log(`WRONG: ${line}`);
  if (wrong.length === 0) console.log('every copy that was owed is in its mailbox once');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
