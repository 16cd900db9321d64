/** How a page and an attachment leave: with headers by which a browser runs nothing of what somebody else wrote. */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { html } from './html.ts';
import { page } from './layout.ts';
import { shownInline } from './message-page.ts';

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Of a message, which can say anything: no script, no form, no address but our own images. */
export const BODY_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'self'";

/** Undefined is a page that there is not. */
export function sendPage(reply: FastifyReply, text: string | undefined, policy = PAGE_POLICY): FastifyReply {
  if (text === undefined) return sendMissing(reply);
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .send(text);
}

export function sendMissing(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply.code(404),
    page({
      title: 'We can’t find this page',
      area: '/',
      content: html`<p>The address is wrong, or what was there has been moved or deleted.</p>
<p><a href="/">To the start of the sandbox</a></p>`,
    }),
  );
}

/** What the sandbox's own pages do not send. */
export function sendMalformed(reply: FastifyReply, status = 400): FastifyReply {
  return sendPage(
    reply.code(status),
    page({
      title: 'We can’t understand this request',
      area: '/',
      content: html`<p>What your browser sent cannot be read. Go back and try again.</p>`,
    }),
  );
}

/** Bytes of an attachment: shown where a browser can show them without running them, else to be saved. */
export function sendAttachment(
  reply: FastifyReply,
  entry: { readonly name: string; readonly contentType: string },
  content: Buffer | NodeJS.ReadableStream,
  download: boolean,
): FastifyReply {
  const inline = shownInline(entry.contentType) !== null && !download;
  return reply
    .type(inline ? entry.contentType : 'application/octet-stream')
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('content-disposition', inline ? 'inline' : `attachment; filename*=UTF-8''${encodeURIComponent(entry.name)}`)
    .send(content);
}

/** Whether the address asks for the attachment as a file. */
export function asksDownload(query: unknown): boolean {
  return typeof query === 'object' && query !== null && 'download' in query;
}

/** Makes `server` and all that is registered on it later say in a page what it cannot serve. */
export function answerInPages(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) => sendMissing(reply));
  server.setErrorHandler((error: FastifyError, _request, reply) => refuse(reply, error));
}

/** @param error what Fastify refuses has a status of its own; anything else is a fault of the sandbox */
export function refuse(reply: FastifyReply, error: FastifyError): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500) return sendMalformed(reply, status);
  return sendPage(
    reply.code(status),
    page({
      title: 'The sandbox failed',
      area: '/',
      content: html`<p>This is a fault of the sandbox, not of the portal. It goes on with the next request.</p>
<p class="problem"><code>${error.message}</code></p>`,
    }),
  );
}
