import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Item, isIdentifier, itemSchema } from '#lib/archive/item.ts';
import { type AttachmentContent, CREATE_LIMIT_BYTES, SESSION_FROM_BYTES } from './attachments.ts';
import { textOfBody, withLineFeeds } from './body.ts';
import { attachmentJson, uploadSessionJson } from './graph-json.ts';
import { isAddress } from './parties.ts';
import { type MailInput, type MessagePlan, planMessage, renderCreate } from './plan.ts';
import { sha256 } from './sha256.ts';

const owner = { mobile: '+15550100100', name: 'Anna', email: 'anna@contoso.com' };
const ben = { mobile: '+442079460123', name: 'Ben' };
const facts = {
  messageClass: 'IPM.ExternalData.AndroidArchiver',
  itemIdProperty: { guid: '6f1d2c3b-4a59-4e68-9d77-8c5b4a392817', name: 'AndroidArchiverItemId' },
};
const scope = { organizationId: 'org', kind: 'android-archiver', account: 'acme' };

function item(fields: Record<string, unknown> = {}): Item {
  return itemSchema.parse({
    ...{ id: 'msg-1', type: 'sms', direction: 'incoming', owner, sender: ben, recipients: [owner], text: 'Hi\nthere' },
    ...{ messageTime: '2026-11-20T10:00:00Z', archivedTime: '2026-11-20T10:00:01Z', conversationId: 'c-1' },
    ...fields,
  });
}

function input(fields: Record<string, unknown> = {}, more: Partial<MailInput> = {}): MailInput {
  return {
    ...{ item: item(fields), scope, facts, unmappedDomain: 'mobile.invalid', contents: new Map() },
    mailboxes: new Map([[owner.mobile, { address: 'anna@contoso.com', name: 'Anna Berg' }]]),
    ...more,
  };
}

function contentsOf(bytes: ReadonlyMap<string, Uint8Array>): Map<string, AttachmentContent> {
  return new Map([...bytes].map(([id, content]) => [id, { size: content.length, sha256: sha256(content) }]));
}

function parsed(plan: MessagePlan, bytes: ReadonlyMap<string, Uint8Array> = new Map()) {
  return JSON.parse(renderCreate(plan, bytes));
}

const jpeg = { id: 'a1', name: 'photo.jpg', contentType: 'image/jpeg', size: 1000 };
const pdf = { id: 'a2', name: 'contract.pdf', contentType: 'application/pdf', size: 2000 };

describe('the create of a plain SMS', () => {
  const plan = planMessage(input());
  const create = parsed(plan);

  test('is exactly this message', () => {
    const from = { emailAddress: { name: 'Ben (+44 20 7946 0123)', address: '+442079460123@mobile.invalid' } };
    const root = plan.message.conversationRoot;
    expect(create).toEqual({
      subject: 'SMS with Ben',
      body: { contentType: 'text', content: 'Hi\r\nthere' },
      from,
      sender: from,
      toRecipients: [{ emailAddress: { name: 'Anna Berg (+1 555 010 0100)', address: 'anna@contoso.com' } }],
      isRead: true,
      internetMessageId: plan.message.internetMessageId,
      internetMessageHeaders: [
        { name: 'x-archive-item-id', value: 'msg-1' },
        { name: 'x-archive-item-type', value: 'sms' },
        { name: 'x-archive-direction', value: 'incoming' },
        { name: 'x-archive-conversation', value: 'c-1' },
        { name: 'x-archive-content-hash', value: plan.contentHash },
      ],
      singleValueExtendedProperties: [
        { id: 'Integer 0x0E07', value: '1' },
        { id: 'SystemTime 0x0039', value: '2026-11-20T10:00:00Z' },
        { id: 'SystemTime 0x0E06', value: '2026-11-20T10:00:00Z' },
        { id: 'String 0x001A', value: 'IPM.ExternalData.AndroidArchiver' },
        { id: 'String 0x1039', value: root },
        { id: 'String 0x1042', value: root },
        {
          id: 'String {6f1d2c3b-4a59-4e68-9d77-8c5b4a392817} Name AndroidArchiverItemId',
          value: plan.message.itemProperty.value,
        },
      ],
    });
  });

  test('is the same to the byte each time', () => {
    expect(renderCreate(planMessage(input()), new Map())).toBe(renderCreate(plan, new Map()));
  });
});

describe('attachments', () => {
  test('an image is shown: HTML, the image by its content id, and the text as a file beside', () => {
    const bytes = new Map([
      ['a1', randomBytes(1000)],
      ['a2', randomBytes(2000)],
    ]);
    const text = 'Look: <b>1 & 2</b>\r\nsee?';
    const plan = planMessage(input({ type: 'mms', text, attachments: [jpeg, pdf] }, { contents: contentsOf(bytes) }));
    const { body, attachments } = parsed(plan, bytes);
    expect(body.contentType).toBe('html');
    expect(body.content).toContain('white-space: pre-wrap">Look: &lt;b&gt;1 &amp; 2&lt;/b&gt;\nsee?</div>');
    expect(attachments.map(({ name }: { name: string }) => name)).toEqual(['photo.jpg', 'contract.pdf', 'message.txt']);
    expect(attachments[0]).toEqual({
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'photo.jpg',
      contentType: 'image/jpeg',
      isInline: true,
      contentId: plan.attachments[0]?.contentId,
      contentBytes: bytes.get('a1')?.toString('base64'),
    });
    expect(body.content).toContain(`<img src="cid:${attachments[0].contentId}" alt="photo.jpg">`);
    expect(attachments[1]).toEqual({
      '@odata.type': '#microsoft.graph.fileAttachment',
      name: 'contract.pdf',
      contentType: 'application/pdf',
      contentBytes: bytes.get('a2')?.toString('base64'),
    });
    expect(Buffer.from(attachments[2].contentBytes, 'base64').toString()).toBe(text);
  });

  test('without an image the body stays text', () => {
    const bytes = new Map([['a2', randomBytes(2000)]]);
    const plan = planMessage(input({ type: 'mms', attachments: [pdf] }, { contents: contentsOf(bytes) }));
    expect(parsed(plan, bytes)).toMatchObject({ body: { contentType: 'text', content: 'Hi\r\nthere' } });
    expect(plan.attachments).toHaveLength(1);
  });

  test('large ones are left to requests of their own, which have what Graph wants', () => {
    const sizes = { a1: SESSION_FROM_BYTES, a2: SESSION_FROM_BYTES - 1 };
    const contents = new Map(Object.entries(sizes).map(([id, size]) => [id, { size, sha256: 'f'.repeat(64) }]));
    const plan = planMessage(input({ type: 'mms', attachments: [jpeg, pdf] }, { contents }));
    expect(parsed(plan).attachments).toBeUndefined();
    const [session, post] = plan.attachments;
    if (!session || !post) throw new Error('two were planned');
    expect([session.route, post.route]).toEqual(['session', 'post']);
    expect(JSON.parse(uploadSessionJson(session))).toEqual({
      AttachmentItem: { attachmentType: 'file', name: 'photo.jpg', size: sizes.a1, contentType: 'image/jpeg' },
    });
    const json = attachmentJson(post, new Uint8Array(sizes.a2));
    expect(JSON.parse(json)['@odata.type']).toBe('#microsoft.graph.fileAttachment');
    expect(Buffer.byteLength(json)).toBeLessThan(4 * 1024 * 1024);
  });

  test('bytes that are not those planned are refused', () => {
    const plan = planMessage(
      input({ attachments: [pdf] }, { contents: contentsOf(new Map([['a2', randomBytes(9)]])) }),
    );
    expect(() => renderCreate(plan, new Map())).toThrow('Attachment a2 was planned with 9 bytes, and none were given');
    expect(() => renderCreate(plan, new Map([['a2', randomBytes(8)]]))).toThrow('and 8 were given');
  });

  test('a missing one is told, with its reason', () => {
    const contents = new Map([['a1', { missing: 'The phone never sent it.' }]]);
    const plan = planMessage(input({ attachments: [jpeg, pdf] }, { contents }));
    expect(plan.missing.map(({ name }) => name)).toEqual(['photo.jpg', 'contract.pdf']);
    expect(plan.message.body.content).toContain(
      '- Attachment not archived: photo.jpg (image/jpeg, 1000 bytes): The phone never sent it.\r\n' +
        '- Attachment not archived: contract.pdf (application/pdf, 2000 bytes)',
    );
    expect(textOfBody(plan.message.body, 'sms')).toBe('Hi\nthere');
  });
});

describe('what the body says besides the text', () => {
  test('an impossible date', () => {
    const plan = planMessage(input({ messageTime: '57300-06-03T18:46:03Z' }));
    expect(plan.message.sentAt.toISOString()).toBe('2026-11-20T10:00:01.000Z');
    expect(plan.message.body.content).toContain('impossible time (57300-06-03T18:46:03Z)');
  });

  test('the subject of an MMS, that it was deleted, what was replaced, what the caller adds', () => {
    const plan = planMessage(
      input({ type: 'deletedMessage', subject: 'Plan B', text: 'a\0b' }, { notes: ['Checked\r\ntwice.', ' '] }),
    );
    expect(plan.message.body.content.split('\r\n').slice(3)).toEqual([
      '- This message was deleted on the phone.',
      '- Subject: Plan B',
      '- Characters that mail cannot carry were replaced by \ufffd.',
      '- Checked twice.',
    ]);
  });

  test('a call in words', () => {
    const call = {
      status: 'answered',
      startTime: '2026-11-20T10:00:00Z',
      endTime: '2026-11-20T10:04:05Z',
      durationMs: 245_000,
    };
    const plan = planMessage(input({ type: 'voiceCall', call, text: null }));
    expect(plan.message.body.content.split('\r\n')).toEqual([
      'Incoming call from Ben (+44 20 7946 0123)',
      'Outcome: answered',
      'Start: 2026-11-20 10:00:00 UTC',
      'End: 2026-11-20 10:04:05 UTC',
      'Duration: 4 minutes 5 seconds',
    ]);
  });

  test('a call whose facts are nonsense shows them as they came', () => {
    const call = { status: 'missed', startTime: '99999-01-01', durationMs: -1 };
    const { content } = planMessage(input({ type: 'callLog', direction: 'outgoing', call })).message.body;
    expect(content).toContain('Outcome: not answered\r\nStart: 99999-01-01\r\nDuration: unknown (-1 ms)');
  });
});

describe('sizes', () => {
  test('ten megabytes of text: the beginning in the body, the whole in a file', () => {
    const text = 'Ünïcode line\n'.repeat(800_000);
    const plan = planMessage(input({ text }));
    expect(Buffer.byteLength(plan.json)).toBeLessThan(CREATE_LIMIT_BYTES);
    expect(plan.message.body.content).toContain('The whole is attached as message.txt.');
    expect(text.startsWith(textOfBody(plan.message.body, 'sms'))).toBe(true);
    const [file] = plan.attachments;
    expect(file).toMatchObject({ name: 'message.txt', route: 'session' });
    expect(Buffer.from(file?.content ?? []).toString()).toBe(text);
  });

  test('5,000 recipients: 500 addressed, all of them in a file', () => {
    const recipients = Array.from({ length: 5000 }, (_, i) => ({
      mobile: `+1555${String(i).padStart(7, '0')}`,
      name: '"\u{1F600}'.repeat(60),
    }));
    const plan = planMessage(input({ direction: 'outgoing', sender: owner, recipients }));
    expect(plan.message.to).toHaveLength(500);
    expect(plan.message.body.content).toContain('Sent to 5000 recipients, of which 500 are shown.');
    const file = plan.attachments.find(({ name }) => name === 'recipients.txt');
    expect(
      Buffer.from(file?.content ?? [])
        .toString()
        .match(/@mobile\.invalid>\r\n/g),
    ).toHaveLength(5000);
    const json = renderCreate(plan, new Map());
    expect(Buffer.byteLength(json)).toBeLessThan(CREATE_LIMIT_BYTES);
    expect(plan.createBytes).toBeGreaterThanOrEqual(Buffer.byteLength(json));
  });

  test('5,000 missing attachments do not fill the body', () => {
    const attachments = Array.from({ length: 5000 }, (_, i) => ({ ...jpeg, id: `a${i}`, name: '\u0001'.repeat(9999) }));
    const plan = planMessage(input({ attachments }));
    expect(plan.message.body.content).toContain('- And 4900 more of these.');
    expect(Buffer.byteLength(plan.json)).toBeLessThan(CREATE_LIMIT_BYTES);
  });
});

describe('whatever the source sends', () => {
  const wild = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));
  const nonEmpty = wild.filter((text) => text.length > 0);
  const nullable = fc.option(wild);
  const party = fc.record({ mobile: fc.oneof(nonEmpty, fc.constant(owner.mobile)), email: nullable, name: nullable });
  const attachment = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    name: wild,
    contentType: fc.oneof(wild, fc.constantFrom('image/png', 'image/jpeg', 'video/mp4')),
    size: fc.nat(),
  });
  const anyItem = fc.record({
    id: nonEmpty.filter(isIdentifier),
    type: fc.constantFrom('sms', 'mms', 'voiceCall', 'callLog', 'chat', 'file', 'deletedMessage'),
    direction: fc.constantFrom('incoming', 'outgoing'),
    owner: party,
    sender: party,
    recipients: fc.array(party, { maxLength: 5 }),
    messageTime: fc.oneof(wild, fc.constant('2026-11-20T10:00:00Z')),
    archivedTime: fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    conversationId: nullable,
    groupName: nullable,
    subject: nullable,
    text: fc.option(fc.oneof(wild, fc.string({ unit: 'binary', maxLength: 5000 }))),
    attachments: fc.array(attachment, { maxLength: 4 }),
    call: fc.option(
      fc.record({
        status: fc.constantFrom('answered', 'missed', 'rejected', 'voicemail'),
        startTime: wild,
        endTime: nullable,
        durationMs: fc.maxSafeInteger(),
      }),
    ),
  });
  const anyBytes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 1_500_000 }));

  test('becomes a message that Graph can take, and the text can be read back', () => {
    fc.assert(
      fc.property(anyItem, anyBytes, (raw, sizes) => {
        const parsedItem = itemSchema.parse(raw);
        const bytes = new Map(Object.entries(sizes).map(([id, size]) => [id, new Uint8Array(size)]));
        const contents = contentsOf(bytes);
        const plan = planMessage({ ...input(), item: parsedItem, contents });
        const json = renderCreate(plan, bytes);
        const length = Buffer.byteLength(json);
        expect(json.isWellFormed() && !/\\ud[89a-f]/i.test(json)).toBe(true);
        expect(length).toBeLessThanOrEqual(CREATE_LIMIT_BYTES);
        expect(length).toBeLessThanOrEqual(plan.createBytes);
        const create = JSON.parse(json);
        expect(create.subject).toMatch(/^[^\p{Cc}]{1,255}$/u);
        for (const { emailAddress } of [create.from, create.sender, ...create.toRecipients]) {
          expect(isAddress(emailAddress.address)).toBe(true);
          expect(emailAddress.name).toMatch(/^[^\p{Cc}]+$/u);
        }
        for (const { value } of create.internetMessageHeaders) expect(value).toMatch(/^[\x21-\x7e]{1,995}$/);
        for (const { value } of create.singleValueExtendedProperties) expect(value).not.toBe('');
        expect(create.receivedDateTime ?? create.sentDateTime ?? create.isDraft).toBeUndefined();
        for (const one of create.attachments ?? []) expect(one['@odata.type']).toBe('#microsoft.graph.fileAttachment');
        const present = parsedItem.attachments.filter(({ id }) => contents.has(id));
        expect(plan.missing).toHaveLength(parsedItem.attachments.length - present.length);
        expect(plan.attachments.filter(({ content }) => content === null)).toHaveLength(present.length);
        const kept = withLineFeeds(parsedItem.text ?? '')
          .replaceAll('\0', '\ufffd')
          .toWellFormed();
        expect(textOfBody(plan.message.body, parsedItem.type)).toBe(kept);
      }),
      { numRuns: 500 },
    );
  });
});
