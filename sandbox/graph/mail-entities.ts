/** Messages, folders and attachments as queries see them, after Graph's metadata. */
import type { EntityType } from './odata/entity.ts';

const extendedProperties = ['singleValueExtendedProperties', 'multiValueExtendedProperties'] as const;
const recipient = { emailAddress: { name: 'Edm.String', address: 'Edm.String' } } as const;
const itemBody = { contentType: 'Enum', content: 'Edm.String' } as const;
const time = { dateTime: 'Edm.String', timeZone: 'Edm.String' } as const;

export const messageEntity: EntityType = {
  name: 'microsoft.graph.message',
  properties: {
    id: 'Edm.String',
    createdDateTime: 'Edm.DateTimeOffset',
    lastModifiedDateTime: 'Edm.DateTimeOffset',
    changeKey: 'Edm.String',
    categories: 'Collection',
    receivedDateTime: 'Edm.DateTimeOffset',
    sentDateTime: 'Edm.DateTimeOffset',
    hasAttachments: 'Edm.Boolean',
    internetMessageId: 'Edm.String',
    internetMessageHeaders: 'Collection',
    subject: 'Edm.String',
    body: itemBody,
    uniqueBody: itemBody,
    bodyPreview: 'Edm.String',
    importance: 'Enum',
    parentFolderId: 'Edm.String',
    sender: recipient,
    from: recipient,
    toRecipients: 'Collection',
    ccRecipients: 'Collection',
    bccRecipients: 'Collection',
    replyTo: 'Collection',
    conversationId: 'Edm.String',
    conversationIndex: 'Edm.Binary',
    isDeliveryReceiptRequested: 'Edm.Boolean',
    isReadReceiptRequested: 'Edm.Boolean',
    isRead: 'Edm.Boolean',
    isDraft: 'Edm.Boolean',
    webLink: 'Edm.String',
    inferenceClassification: 'Enum',
    flag: { flagStatus: 'Enum', startDateTime: time, dueDateTime: time, completedDateTime: time },
  },
  navigation: ['attachments', 'extensions', ...extendedProperties],
  // not the lists of recipients: Exchange refuses lambdas over them
  searchable: { categories: 'Edm.String', singleValueExtendedProperties: { id: 'Edm.String', value: 'Edm.String' } },
};

export const folderEntity: EntityType = {
  name: 'microsoft.graph.mailFolder',
  properties: {
    id: 'Edm.String',
    displayName: 'Edm.String',
    parentFolderId: 'Edm.String',
    childFolderCount: 'Edm.Int32',
    unreadItemCount: 'Edm.Int32',
    totalItemCount: 'Edm.Int32',
    isHidden: 'Edm.Boolean',
  },
  navigation: ['childFolders', 'messages', 'messageRules', ...extendedProperties],
};

export const attachmentEntity: EntityType = {
  name: 'microsoft.graph.attachment',
  properties: {
    id: 'Edm.String',
    lastModifiedDateTime: 'Edm.DateTimeOffset',
    name: 'Edm.String',
    contentType: 'Edm.String',
    size: 'Edm.Int32',
    isInline: 'Edm.Boolean',
  },
  // shows the item of an item attachment, of which there are none
  navigation: ['microsoft.graph.itemAttachment/item'],
  derived: { 'microsoft.graph.fileAttachment': ['contentId', 'contentLocation', 'contentBytes'] },
};

/** A single-value or multi-value extended property. */
export const extendedPropertyEntity: EntityType = {
  name: 'microsoft.graph.singleValueLegacyExtendedProperty',
  properties: { id: 'Edm.String', value: 'Edm.String' },
  navigation: [],
};
