/** How a page is sent: its headers, and the pages for what is not there or went wrong. */
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { html } from './html.ts';
import { page } from './layout.ts';

const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Sends a page, or the one that says that it is not there. */
export function send(reply: FastifyReply, text: string | undefined, policy = PAGE_POLICY): FastifyReply {
  if (text === undefined) return missing(reply);
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'same-origin')
    .send(text);
}

export function missing(reply: FastifyReply): FastifyReply {
  return send(
    reply.code(404),
    page({
      title: 'We can’t find this page',
      area: '/',
      content: html`<p>The address is wrong, or what was there has been moved or deleted.</p>
<p><a href="/">To the start of the sandbox</a></p>`,
    }),
  );
}

/** Makes `server` and all that is registered on it later say in a page what it cannot serve. */
export function answerInPages(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) => missing(reply));
  server.setErrorHandler((error: FastifyError, _request, reply) => refuse(reply, error));
}

/** @param error what Fastify refuses has a status of its own; anything else is a fault of the sandbox */
export function refuse(reply: FastifyReply, error: FastifyError): FastifyReply {
  const status = error.statusCode ?? 500;
  const content =
    status < 500
      ? html`<p>What your browser sent cannot be read. Go back and try again.</p>`
      : html`<p>This is a fault of the sandbox, not of the portal. It goes on with the next request.</p>
<p class="problem"><code>${error.message}</code></p>`;
  const title = status < 500 ? 'We can’t understand this request' : 'The sandbox failed';
  return send(reply.code(status), page({ title, area: '/', content }));
}
