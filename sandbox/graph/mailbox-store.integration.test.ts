import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../database.ts';
import { MailboxStore } from './mailbox-store.ts';
import type { NewMessage } from './new-message.ts';

let folder: string;
let store: MailboxStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-store-'));
  store = new MailboxStore(openDatabase(folder, 'mailboxes'), { keepBodies: true });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const message = (mailbox: number, change: Partial<NewMessage> = {}): NewMessage => ({
  mailbox,
  folder: store.folders.wellKnown(mailbox, 'inbox')?.seq ?? 0,
  received: 1,
  sent: 1,
  created: 1,
  internetMessageId: '<a@b>',
  isDraft: false,
  isRead: true,
  bodyType: 'text',
  body: 'hello',
  fields: {
    subject: 's',
    from: null,
    sender: null,
    to: [],
    cc: [],
    bcc: [],
    replyTo: [],
    importance: 'normal',
    categories: [],
    headers: [],
    properties: [],
  },
  attachments: [],
  ...change,
});

/** Messages that another process would find on disk now. */
function onDisk(): unknown {
  const other = new DatabaseSync(join(folder, 'mailboxes.sqlite'), { readOnly: true });
  try {
    return other.prepare('SELECT count(*) AS messages FROM graph_message').get()?.messages;
  } finally {
    other.close();
  }
}

describe('the store', () => {
  it('has on disk what it calls settled, all writes of a turn at once', async () => {
    const mailbox = store.mailbox('lena');
    await store.settled();
    store.messages.create(message(mailbox));
    store.messages.create(message(mailbox));
    expect(onDisk()).toBe(0);
    await store.settled();
    expect(onDisk()).toBe(2);
  });

  it('has on disk soon what nobody waits for', async () => {
    store.messages.create(message(store.mailbox('lena')));
    expect(onDisk()).toBe(0);
    await expect.poll(onDisk).toBe(1);
  });

  it('keeps nothing of a message that could not be written whole, and the others of the same turn', async () => {
    const mailbox = store.mailbox('lena');
    store.messages.create(message(mailbox));
    const broken = {
      name: 'a',
      contentType: 't',
      content: new Uint8Array(),
      isInline: false,
      contentId: Object.create(null),
    };
    expect(() => store.messages.create(message(mailbox, { attachments: [broken] }))).toThrow();
    await store.settled();
    expect(onDisk()).toBe(1);
  });

  it('gives a new message back as it will be read', () => {
    const mailbox = store.mailbox('lena');
    const file = { name: 'a', contentType: 't', content: Buffer.from('x'), isInline: false, contentId: null };
    const created = store.messages.create(message(mailbox, { attachments: [file, { ...file, isInline: true }] }));
    expect(store.messages.find(mailbox, created.seq)).toEqual(created);
  });

  it('commits what is open when it is closed', () => {
    store.messages.create(message(store.mailbox('lena')));
    store.close();
    expect(onDisk()).toBe(1);
  });

  it('finds a folder as it is now, and in its own mailbox only', () => {
    const [lena, ben] = [store.mailbox('lena'), store.mailbox('ben')];
    const inbox = store.folders.wellKnown(lena, 'inbox')?.seq ?? 0;
    const root = store.folders.wellKnown(lena, 'msgfolderroot')?.seq ?? 0;
    const folder = store.folders.create(lena, root, 'Phones');
    const found = (mailbox: number) => store.folders.find(mailbox, folder);
    expect([found(lena)?.displayName, found(ben)]).toEqual(['Phones', undefined]);
    store.folders.place(folder, inbox, 'Texts');
    expect(found(lena)).toMatchObject({ displayName: 'Texts', parent: inbox });
    const child = store.folders.create(lena, folder, 'Texts');
    expect(store.folders.find(lena, child)?.displayName).toBe('Texts');
    store.folders.remove(lena, folder, inbox, 2);
    expect([found(lena), store.folders.find(lena, child)]).toEqual([undefined, undefined]);
    expect(store.folders.find(lena, inbox)?.displayName).toBe('Inbox');
    store.clear();
    expect(store.folders.find(lena, inbox)).toBeUndefined();
  });

  it('reads while it is written to', () => {
    const mailbox = store.mailbox('lena');
    for (let index = 0; index < 3; index += 1) store.messages.create(message(mailbox));
    const seen: number[] = [];
    for (const row of store.messages.search(mailbox, undefined, { by: 'everything' }, 'with body')) {
      seen.push(row.seq);
      store.messages.move(row.seq, store.folders.wellKnown(mailbox, 'archive')?.seq ?? 0, 2);
    }
    expect(new Set(seen).size).toBe(3);
  });

  it('reads no body where none is asked for', () => {
    const mailbox = store.mailbox('lena');
    store.messages.create(message(mailbox));
    const search = { by: 'everything' } as const;
    const bodies = (['with body', 'without body'] as const).map((body) =>
      [...store.messages.search(mailbox, undefined, search, body)].map((row) => row.body),
    );
    expect(bodies).toEqual([['hello'], [null]]);
  });
});
