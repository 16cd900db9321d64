/** Ready-made `$batch` bodies for Graph: messages as the product writes them, over all mailboxes of an organization. */
import { randomUUID } from 'node:crypto';

const BATCH = 20;

export interface Target {
  /** object id of the mailbox's owner */
  readonly user: string;
  readonly folder: string;
}

/** One message of the usual size: a text, two parties, five headers, the properties of something that was delivered. */
export function message(index: number): Readonly<Record<string, unknown>> {
  const time = new Date(Date.UTC(2026, 10, 1) + index * 1_000).toISOString();
  const party = { emailAddress: { name: 'Kim (+1 415 555 0100)', address: '14155550100@mobile.invalid' } };
  const id = `${randomUUID()}-${index}`;
  return {
    subject: 'SMS with Kim (+1 415 555 0100)',
    body: { contentType: 'text', content: `Between 7 and 9. I will ping you when he is 30 min out 🚚 ${index}` },
    from: party,
    sender: party,
    toRecipients: [{ emailAddress: { name: 'Grace Adeyemi', address: 'grace.adeyemi@alderbyrne.example' } }],
    isRead: true,
    internetMessageId: `<${id}@mobile.invalid>`,
    internetMessageHeaders: [
      { name: 'x-archive-item-id', value: id },
      { name: 'x-archive-type', value: 'sms' },
      { name: 'x-archive-direction', value: 'incoming' },
      { name: 'x-archive-conversation', value: 'c-0a1b2c3d' },
      { name: 'x-archive-content-sha256', value: id.replaceAll('-', '').padEnd(64, '0').slice(0, 64) },
    ],
    singleValueExtendedProperties: [
      { id: 'Integer 0x0E07', value: '1' },
      { id: 'String 0x001A', value: 'IPM.ExternalData.AndroidArchiver' },
      { id: 'SystemTime 0x0039', value: time },
      { id: 'SystemTime 0x0E06', value: time },
      { id: 'String {b3b2c1d0-5a64-4f0e-9c1c-7d1f0a3f5e11} Name AndroidArchiverItemId', value: id },
    ],
  };
}

/** Bodies of batches that hold `count` messages in all; each batch is for one mailbox, mailboxes in turn. */
export function* batches(targets: readonly Target[], count: number): Generator<string> {
  for (let sent = 0, turn = 0; sent < count; sent += BATCH, turn += 1) {
    const target = targets[turn % targets.length];
    if (target === undefined) throw new RangeError('there is no mailbox to write to');
    const url = `/users/${target.user}/mailFolders/${target.folder}/messages`;
    const headers = { 'Content-Type': 'application/json', Prefer: 'IdType="ImmutableId"' };
    const requests = Array.from({ length: Math.min(BATCH, count - sent) }, (_, at) => ({
      id: String(at),
      method: 'POST',
      url,
      headers,
      body: message(sent + at),
    }));
    yield JSON.stringify({ requests });
  }
}
