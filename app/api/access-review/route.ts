import { Readable } from 'node:stream';
import { authorized } from '#app/api/authorized.ts';
import { csvDownload } from '#app/api/download.ts';
import { database } from '#lib/db.ts';
import { accessReview } from '#lib/sessions/access-review.ts';
import { SESSION_SECONDS } from '#lib/sessions/sessions.ts';

export const dynamic = 'force-dynamic';

/** Who has been here with which roles, as CSV. */
export async function GET(): Promise<Response> {
  const actor = await authorized('audit.read');
  if (actor instanceof Response) return actor;
  const now = new Date();
  const file = await accessReview(database().pool, actor, now, SESSION_SECONDS);
  return csvDownload({
    fileName: `access-review-${now.toISOString().slice(0, 10)}.csv`,
    body: Readable.from([file], { objectMode: false }),
  });
}
