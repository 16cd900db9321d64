/** GET /v1/attachments/{id}: the bytes, whole or one range (RFC 9110, section 14). */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AttachmentContent, AttachmentEntry } from '../phones/item.ts';
import type { AdministrationAccount } from './accounts.ts';
import { recent } from './recent.ts';
import { refusals } from './refusal.ts';
import type { TelemessageSite } from './site.ts';
import { NOT_READY_MS, strikes, type Trouble } from './troubles.ts';

/** attachments whose first request is remembered; one that was asked for long before is being sent once more */
const ASKED_AT_ONCE = 10_000;

/**
 * Answers with an attachment of this account.
 * @throws {Refusal} 404, 410 purged, 425 not ready
 */
export type AttachmentDesk = (
  account: AdministrationAccount,
  id: string,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply;

export function attachmentDesk(site: TelemessageSite): AttachmentDesk {
  const firstAsked = recent<number>(ASKED_AT_ONCE);
  site.onReset(firstAsked.clear);

  const has = (trouble: Trouble, id: string): boolean =>
    site.conditions.inForce.troubles.includes(trouble) && strikes(trouble, id);

  const awaited = (id: string): number => {
    if (!has('notReady', id)) return 0;
    const first = firstAsked.get(id) ?? site.now();
    firstAsked.set(id, first);
    return Math.max(0, Math.ceil((first + NOT_READY_MS - site.now()) / 1_000));
  };

  return (account, id, request, reply) => {
    const found = find(site, account, id);
    if (found === null || found.archivedAt > site.now() || has('gone', id)) throw refusals.notFound();
    if (found.archivedAt < site.earliestRetained() || has('purged', id)) throw refusals.purged();
    const seconds = awaited(id);
    if (seconds > 0) throw refusals.notReady(seconds);
    return send(found.entry, found.content, request, reply);
  };
}

function find(site: TelemessageSite, account: AdministrationAccount, id: string) {
  for (const kind of account.kinds) {
    const found = site.phones(account.tenantId, kind)?.attachment(id);
    if (found != null) return found;
  }
  return null;
}

function send(entry: AttachmentEntry, content: AttachmentContent, request: FastifyRequest, reply: FastifyReply) {
  const etag = `"${content.sha256}"`;
  void reply.header('etag', etag).header('accept-ranges', 'bytes').type(entry.contentType);
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = asked === undefined ? 'whole' : readRange(asked, content.size);
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .header('content-range', `bytes */${content.size}`)
      .type('application/json')
      .send({ resultCode: 400, resultDescription: 'GENERAL_ERROR' });
  }
  const [start, end] = range === 'whole' ? [0, content.size] : [range.start, range.end];
  if (range !== 'whole') void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${content.size}`);
  return reply.header('content-length', end - start).send(Readable.from(content.read(start, end)));
}

/** One byte range, end exclusive. Several ranges, other units and malformed ones are ignored, as the RFC allows. */
export function readRange(header: string, size: number): 'whole' | 'unsatisfiable' | { start: number; end: number } {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (parts === null || (parts[1] === '' && parts[2] === '')) return 'whole';
  if (parts[1] === '') {
    const last = Number(parts[2]);
    return last === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - last), end: size };
  }
  const start = Number(parts[1]);
  const end = parts[2] === '' ? size : Math.min(size, Number(parts[2]) + 1);
  if (parts[2] !== '' && Number(parts[2]) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}
