/** An upload address. The token in the address is all the permission that it has, and all it takes. */
import type { FastifyRequest } from 'fastify';
import { findPerson, findTenant } from '../world/tenants.ts';
import { mailboxOf } from './access.ts';
import type { GraphContext } from './context.ts';
import { errors } from './errors.ts';
import type { GraphResponse } from './request.ts';
import type { MessageRow } from './rows.ts';
import type { GraphService, Ids } from './service.ts';
import { checkedRange } from './upload-range.ts';
import { UPLOAD_CHUNK_BYTES, type UploadSession } from './upload-sessions.ts';

export type UploadRequest = FastifyRequest<{ Params: { token: string } }>;

/**
 * Takes one range of an upload, or cancels it; a refusal is an answer too. Nothing but PUT and DELETE is documented
 * for Outlook's sessions, so a GET, which OneDrive's take, is refused.
 */
export function answerUpload(service: GraphService, request: UploadRequest, ids: Ids): GraphResponse {
  try {
    if (request.method !== 'PUT' && request.method !== 'DELETE') throw errors.methodNotAllowed();
    // as by Exchange: the address is not Graph's, and a token sent there would be given away
    if (request.headers.authorization !== undefined) throw errors.token('An upload takes no Authorization header.');
    const { uploads, clock } = service.context;
    const session = uploads.find(request.params.token, clock());
    if (request.method === 'PUT') return takeRange(service, session, request);
    uploads.close(session);
    return { status: 204 };
  } catch (error) {
    return service.refusal(error, ids);
  }
}

function takeRange(service: GraphService, session: UploadSession, request: UploadRequest): GraphResponse {
  const { context } = service;
  const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  if (bytes.length > UPLOAD_CHUNK_BYTES) throw errors.tooLarge();
  const row = openMessage(context, session);
  const expected = { bytes: bytes.length, next: session.received, total: session.item.size };
  const range = checkedRange(request.headers['content-range'], expected);
  service.countUpload(session, bytes.length);
  // the last bytes and the attachment that they complete are there together or not at all
  return context.store.atomic(() => {
    const received = context.uploads.append(session, range, bytes);
    if (received === session.item.size) return attach(service, session, row);
    return {
      status: 200,
      body: { ExpirationDateTime: session.expires.toISOString(), nextExpectedRanges: [String(received)] },
    };
  });
}

/**
 * The message of a session as it is now. The address names it as the client did: by a regular id it is void once the
 * message is moved.
 * @throws {GraphError} 404 without mailbox or message, 507 when the mailbox is full, 400 when the message would be
 *   too large
 */
function openMessage(context: GraphContext, session: UploadSession): MessageRow {
  const tenant = findTenant(context.tenants, session.tenant);
  const owner = tenant && findPerson(tenant, session.owner);
  if (!owner) throw errors.invalidUser(session.owner);
  const { mailbox, full, messageBytes } = mailboxOf(context, owner);
  if (full) throw errors.quotaExceeded();
  const row = context.store.messages.find(mailbox, session.message);
  const moved = session.folder !== null && row?.folder !== session.folder;
  if (!row || moved) throw errors.itemNotFound();
  if (row.size + session.item.size > messageBytes) throw errors.messageTooLarge();
  return row;
}

/** The session is complete: its chunks become the content of a new attachment. */
function attach(service: GraphService, session: UploadSession, row: MessageRow): GraphResponse {
  const { uploads, store, clock } = service.context;
  const { name, contentType, isInline, contentId, size } = session.item;
  const uploaded = {
    name,
    contentType: contentType || 'application/octet-stream',
    isInline: isInline ?? false,
    contentId: contentId ?? null,
    size,
    sha256: uploads.sha256(session),
  };
  const seq = store.attachments.add(row.seq, uploaded, clock().getTime());
  uploads.finish(session, seq, store.keepsBodies);
  return { status: 201, headers: { location: service.attachmentUrl(session.owner, row.seq, seq) } };
}
