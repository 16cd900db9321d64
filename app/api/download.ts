/** A file as an answer: saved, not shown, and kept by nobody on the way. */
import { Readable } from 'node:stream';

export interface FileToDownload {
  readonly fileName: string;
  /** sent as fast as the browser takes it */
  readonly body: Readable;
}

export function download({ fileName, body }: FileToDownload, contentType: string): Response {
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename="${fileName}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}

export function csvDownload(file: FileToDownload): Response {
  return download(file, 'text/csv; charset=utf-8');
}
