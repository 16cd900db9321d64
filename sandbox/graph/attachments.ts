/** Attachments of a message, whole or by upload session. */

import { openForWriting, openMailbox } from './access.ts';
import { attachmentFromInput, uploadItemFromInput } from './attachment-input.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors, GraphError } from './errors.ts';
import { parseAttachmentId } from './ids.ts';
import { attachmentJson, selected } from './json.ts';
import { findMessage } from './messages.ts';
import { queryOptions } from './odata/query.ts';
import { appKey } from './request.ts';
import type { AttachmentRow, MessageRow } from './rows.ts';

/** From this size on an attachment needs an upload session; below it a session is refused. */
const SESSION_BYTES = 3 * 1_048_576;
const LARGEST_BYTES = 150 * 1_048_576;

export const listAttachments: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const { select } = queryOptions(request.query, { maxTop: 1_000 });
  const value = context.store
    .attachments(row.seq)
    .map((attachment) => selected(attachmentJson(row.seq, attachment, 'with content'), select));
  return { status: 200, body: { '@odata.context': `${context.baseUrl()}/v1.0/$metadata#attachments`, value } };
};

export const addAttachment: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, messageBytes } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const attachment = attachmentFromInput(request.body);
  if (attachment.content.length >= SESSION_BYTES) throw errors.tooLarge();
  if (row.size + attachment.content.length > messageBytes) throw errors.messageTooLarge();
  const seq = context.store.addAttachment(row.seq, attachment, context.clock().getTime());
  const added = context.store.attachment(row.seq, seq);
  if (!added) throw errors.itemNotFound();
  return { status: 201, body: attachmentJson(row.seq, added, 'with content') };
};

export const getAttachment: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const { row, attachment } = findAttachment(context, mailbox, message, id);
  const { select } = queryOptions(request.query, { maxTop: 1_000 });
  return { status: 200, body: selected(attachmentJson(row.seq, attachment, 'with content'), select) };
};

export const getAttachmentContent: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const { attachment } = findAttachment(context, mailbox, message, id);
  return {
    status: 200,
    headers: { 'content-type': attachment.contentType },
    body: attachment.content ?? new Uint8Array(),
  };
};

export const deleteAttachment: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  const { row, attachment } = findAttachment(context, mailbox, message, id);
  context.store.deleteAttachment(row.seq, attachment, context.clock().getTime());
  return { status: 204 };
};

export const createUploadSession: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, owner, messageBytes } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const item = uploadItemFromInput(request.body);
  if (item.size < SESSION_BYTES) {
    throw new GraphError(
      400,
      'ErrorAttachmentSizeShouldNotBeLessThanMinimumSize',
      'Attachment size should be greater than the minimum size.',
    );
  }
  if (item.size > LARGEST_BYTES) {
    throw new GraphError(400, 'ErrorAttachmentSizeLimitExceeded', 'The attachment exceeds the maximum supported size.');
  }
  if (row.size + item.size > messageBytes) throw errors.messageTooLarge();
  const session = context.uploads.open({
    app: appKey(request.caller),
    mailbox,
    messageBytes,
    owner: owner.id,
    message: row.seq,
    item,
    now: context.clock(),
  });
  return {
    status: 201,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#microsoft.graph.uploadSession`,
      uploadUrl: `${context.baseUrl()}/uploads/${session.token}`,
      expirationDateTime: session.expires.toISOString(),
      nextExpectedRanges: ['0-'],
    },
  };
};

function findAttachment(
  context: GraphContext,
  mailbox: number,
  message: string,
  id: string,
): { row: MessageRow; attachment: AttachmentRow } {
  const row = findMessage(context, mailbox, message);
  const key = parseAttachmentId(id);
  if (!key) throw errors.malformedId();
  const attachment = key.message === row.seq ? context.store.attachment(row.seq, key.attachment) : undefined;
  if (!attachment) throw errors.itemNotFound();
  return { row, attachment };
}
