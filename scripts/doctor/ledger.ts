/** Whether the database is the one that this installation has worked with (`lib/recovery`). Changes nothing. */
import pg from 'pg';
import { readMark } from '#lib/recovery/epoch-blob.ts';
import { recoveringConnectors } from '#lib/recovery/standing.ts';
import { verdictOf } from '#lib/recovery/verdict.ts';
import type { BlobContainer } from '#lib/staging/azure.ts';
import { codeOf, type Examination } from './finding.ts';

const ABOUT = 'Database, as new as what was sent';
const PATIENCE_MS = 10_000;

/** @param connectionString a secret: DATABASE_URL */
export async function* examineLedger(
  connectionString: string,
  container: BlobContainer,
  failoverLosesNothing: boolean,
): Examination {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    const stored = await readMark(container);
    const { rows } = await client.query<{ epoch: string | null; home: string | null; here: string }>(
      'SELECT l.epoch, l.home, ledger_home() AS here FROM (SELECT 1) AS one LEFT JOIN ledger_epoch l ON true',
    );
    const [row] = rows;
    const held = (await recoveringConnectors(client)).filter(({ confirmedAt }) => confirmedAt === null).length;
    const verdict = verdictOf({
      counted: row?.epoch == null ? null : { epoch: BigInt(row.epoch), home: row.home ?? '' },
      home: row?.here ?? '',
      stored: stored?.mark ?? null,
      seen: null,
      failoverLosesNothing,
    });
    if (verdict.kind === 'storage_lost') {
      yield {
        about: ABOUT,
        result: 'wrong',
        found: 'The storage does not know how far the ledger has counted.',
        toDo: 'Check STAGING_CONTAINER. If it lost its content: npm run recover -- --begin --reason "…" (docs/backup.md).',
      };
    } else if (verdict.kind === 'restored') {
      yield {
        about: ABOUT,
        result: 'beware',
        found: 'It was restored, or another took its place: the first worker that starts pauses every connector.',
        toDo: 'Read docs/backup.md, then start a worker and confirm the mapping of each connector.',
      };
    } else if (held > 0) {
      yield {
        about: ABOUT,
        result: 'wrong',
        found: `It was restored, and ${held} connector(s) wait until somebody confirms the mapping.`,
        toDo: 'Confirm it in the portal, or by npm run recover -- --confirm --reason "…" (docs/backup.md).',
      };
    } else {
      const found = verdict.kind === 'first' ? 'No worker has run yet.' : `Minute ${row?.epoch} is counted.`;
      yield { about: ABOUT, result: 'well', found };
    }
  } catch (error) {
    yield {
      about: ABOUT,
      result: 'not_checked',
      found: `Database or storage did not answer (${codeOf(error)}).`,
      toDo: 'See what is said of them, and run this again.',
    };
  } finally {
    await client.end().catch(() => {});
  }
}
