/** `PUT` on an upload address. The token in the address is all the permission that it has, and all it takes. */
import type { FastifyRequest } from 'fastify';
import { errors } from './errors.ts';
import type { GraphResponse } from './request.ts';
import type { GraphService, Ids } from './service.ts';
import { UPLOAD_CHUNK_BYTES } from './upload-sessions.ts';

export type UploadRequest = FastifyRequest<{ Params: { token: string } }>;

/** Takes one range of an upload; a refusal is an answer too. */
export function answerUpload(service: GraphService, request: UploadRequest, ids: Ids): GraphResponse {
  try {
    return takeRange(service, request);
  } catch (error) {
    return service.refusal(error, ids);
  }
}

function takeRange(service: GraphService, request: UploadRequest): GraphResponse {
  const { uploads, store, clock } = service.context;
  // as by Exchange: the address is not Graph's, and a token sent there would be given away
  if (request.headers.authorization !== undefined) throw errors.token('An upload takes no Authorization header.');
  const session = uploads.find(request.params.token, clock());
  const bytes = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  if (bytes.length > UPLOAD_CHUNK_BYTES) throw errors.tooLarge();
  service.countUpload(session, bytes.length);
  const progress = uploads.put(session, request.headers['content-range'], bytes);
  if (!progress.done) {
    const { nextExpectedRanges } = progress;
    return { status: 200, body: { ExpirationDateTime: session.expires.toISOString(), nextExpectedRanges } };
  }

  uploads.close(session.token);
  const row = store.message(session.mailbox, session.message);
  if (!row) throw errors.itemNotFound();
  if (row.size + session.item.size > session.messageBytes) throw errors.messageTooLarge();
  const attachment = {
    name: session.item.name,
    contentType: session.item.contentType || 'application/octet-stream',
    content: progress.content,
    isInline: session.item.isInline ?? false,
    contentId: session.item.contentId ?? null,
  };
  const seq = store.addAttachment(row.seq, attachment, clock().getTime());
  return { status: 201, headers: { location: service.attachmentUrl(session.owner, row.seq, seq) } };
}
