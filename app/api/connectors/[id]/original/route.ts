import { Readable } from 'node:stream';
import { z } from 'zod';
import { authorized } from '#app/api/authorized.ts';
import { fromOurPage } from '#app/api/from-our-page.ts';
import { readAtMost } from '#app/api/read-at-most.ts';
import { originalParts } from '#lib/connectors/portal-parts.ts';
import { env } from '#lib/env.ts';
import { UNDONE_KINDS } from '#lib/imports/counts.ts';
import { openOriginal } from '#lib/imports/original.ts';
import { parseRowKey } from '#lib/imports/undone-rows.ts';

const formSchema = z.object({
  kind: z.enum(UNDONE_KINDS),
  row: z.string(),
  reason: z.string(),
});

/** A reason has 1,000 characters at most, each of 12 bytes in a form. */
const MOST_BYTES = 16 * 1024;

const REFUSALS = {
  bad_reason: [400, 'Say why you open it, in 3 to 1,000 characters.'],
  not_found: [404, 'It is not here any more: it was imported, or signed off.'],
  damaged: [409, 'The content that was kept does not open. Ask the operator.'],
} as const;

/**
 * Download original. A form and not a link, so that the reason stands in no address and nothing opens it by itself. What
 * is in the file is somebody else's: it is saved, and never shown in this portal's origin (`/api` has a policy of its own in
 * `next.config.js`).
 */
export async function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  if (!fromOurPage(request.headers, env().NEXTAUTH_URL)) return new Response('origin', { status: 403 });
  const actor = await authorized('content.read');
  if (actor instanceof Response) return actor;
  const { id } = await params;
  const sent = await readAtMost(request, MOST_BYTES);
  if (sent === null) return new Response(null, { status: 413 });
  const form = formSchema.safeParse(Object.fromEntries(new URLSearchParams(Buffer.from(sent).toString('utf8'))));
  const row = form.success ? parseRowKey(form.data.row) : null;
  if (!z.guid().safeParse(id).success) return new Response(null, { status: 404 });
  if (!form.success || row === null) return new Response('form', { status: 400 });
  const { kind, reason } = form.data;
  const result = await openOriginal(originalParts(), actor, { connectorId: id, kind, row, reason });
  if (result.kind !== 'found') {
    const [status, sentence] = REFUSALS[result.kind];
    return new Response(sentence, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  }
  return new Response(Readable.toWeb(result.eml) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${result.fileName}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
