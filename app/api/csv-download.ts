/** A CSV file as an answer: saved, not shown, and kept by nobody on the way. */
import { Readable } from 'node:stream';

/** @param file sent as fast as the browser takes it */
export function csvDownload(file: { readonly fileName: string; readonly body: Readable }): Response {
  return new Response(Readable.toWeb(file.body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${file.fileName}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
