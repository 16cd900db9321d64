/** Attachments of a message, whole or by upload session. */
import { openForWriting, openMailbox } from './access.ts';
import { attachmentFromInput, uploadItemFromInput } from './attachment-input.ts';
import { servedType } from './attachment-type.ts';
import { attachmentsJson, whole } from './attachment-view.ts';
import type { GraphContext, Handler } from './context.ts';
import { errors } from './errors.ts';
import { findMessage } from './find-message.ts';
import { parseAttachmentId, parseMessageId } from './ids.ts';
import { attachmentJson, selected } from './json.ts';
import { pageLink } from './links.ts';
import { attachmentEntity } from './mail-entities.ts';
import { mailOptions } from './mail-options.ts';
import { page } from './odata/collection.ts';
import { selectedName } from './odata/entity.ts';
import { appKey, appliedPreferences, ByteStream } from './request.ts';
import type { AttachmentRow, MessageRow } from './rows.ts';

/** All of a message's attachments come in one page unless `$top` says otherwise. */
const PAGE = 1_000;

export const listAttachments: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const options = mailOptions(request, attachmentEntity, PAGE);
  const all = context.store.attachments.of(row.seq, 'without content');
  const described = all.map((one) => ({ ...attachmentJson(row.seq, one, 'without content') }));
  const { items, total, next } = page(described, options, PAGE);
  const shown = new Map(
    attachmentsJson(context, row.seq, { select: options.select, filter: undefined }).map((json) => [json.id, json]),
  );
  return {
    status: 200,
    headers: appliedPreferences(request),
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#attachments`,
      ...(options.count && { '@odata.count': total }),
      value: items.map(({ id }) => shown.get(id)),
      ...(next !== undefined && { '@odata.nextLink': pageLink(context, request, next) }),
    },
  };
};

export const addAttachment: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, messageBytes } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const attachment = attachmentFromInput(request.body);
  if (row.size + attachment.content.length > messageBytes) throw errors.messageTooLarge();
  const seq = context.store.attachments.add(row.seq, attachment, context.clock().getTime());
  const added = context.store.attachments.find(row.seq, seq);
  if (!added) throw errors.itemNotFound();
  return { status: 201, body: attachmentJson(row.seq, added, 'with content') };
};

export const getAttachment: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const { row, attachment } = findAttachment(context, mailbox, message, id);
  const names = mailOptions(request, attachmentEntity, PAGE).select?.map(selectedName);
  const json = attachmentJson(row.seq, whole(context, attachment), 'with content');
  return { status: 200, headers: appliedPreferences(request), body: selected(json, names) };
};

export const getAttachmentContent: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openMailbox(context, request.caller, user);
  const { attachment } = findAttachment(context, mailbox, message, id);
  const uploaded = context.uploads.content(attachment.seq);
  return {
    status: 200,
    headers: {
      'content-type': servedType(attachment.contentType),
      ...(uploaded && { 'content-length': String(attachment.size) }),
    },
    body: uploaded ? new ByteStream(uploaded) : (attachment.content ?? new Uint8Array()),
  };
};

export const deleteAttachment: Handler = (context, request, [user = '', message = '', id = '']) => {
  const { mailbox } = openForWriting(context, request.caller, user);
  const { row, attachment } = findAttachment(context, mailbox, message, id);
  context.store.atomic(() => {
    context.store.attachments.delete(row.seq, attachment, context.clock().getTime());
    context.uploads.forget(attachment.seq);
  });
  return { status: 204 };
};

export const createUploadSession: Handler = (context, request, [user = '', id = '']) => {
  const { mailbox, owner, messageBytes } = openForWriting(context, request.caller, user);
  const row = findMessage(context, mailbox, id);
  const item = uploadItemFromInput(request.body);
  if (row.size + item.size > messageBytes) throw errors.messageTooLarge();
  const session = context.uploads.open(
    {
      app: appKey(request.caller),
      mailbox,
      tenant: request.caller.tenant.id,
      owner: owner.id,
      message: row.seq,
      folder: parseMessageId(id)?.folder ?? null,
      item,
    },
    context.clock(),
  );
  return {
    status: 201,
    body: {
      '@odata.context': `${context.baseUrl()}/v1.0/$metadata#microsoft.graph.uploadSession`,
      uploadUrl: `${context.uploadsUrl()}/uploads/${session.token}`,
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
  const attachment = key.message === row.seq ? context.store.attachments.find(row.seq, key.attachment) : undefined;
  if (!attachment) throw errors.itemNotFound();
  return { row, attachment };
}
