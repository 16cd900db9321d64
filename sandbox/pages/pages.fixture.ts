/** For tests: the pages, without a listener, over a store with one mailbox that can be written to. */
import { DatabaseSync } from 'node:sqlite';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach } from 'vitest';
import { faultRegistry } from '../control/faults.ts';
import { consentRegistry } from '../entra/consents.ts';
import { folderId } from '../graph/ids.ts';
import { graphLimits } from '../graph/limits.ts';
import { limitsDesk } from '../graph/limits-desk.ts';
import { MailboxStore } from '../graph/mailbox-store.ts';
import type { NewMessage } from '../graph/new-message.ts';
import { mailboxReader } from '../graph/reader.ts';
import { Throttle } from '../graph/throttle.ts';
import { UploadSessions } from '../graph/upload-sessions.ts';
import { outsideWorld } from '../outside/outside.ts';
import { readSettings } from '../settings.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { openDirectory } from '../world/directory.ts';
import { findPerson, tenants } from '../world/tenants.ts';
import { pageRoutes } from './routes.ts';

export const NOW = Date.UTC(2026, 10, 22, 12);
const found = findPerson(alderByrne, 'grace.adeyemi@alderbyrne.example');
if (found === undefined) throw new Error('the directory has changed');
export const grace = found;
export const MAILBOX = '/mailboxes/grace.adeyemi%40alderbyrne.example';

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

/** The pages over an empty cloud, Grace’s mailbox with one folder more in it. */
export async function startPages() {
  const database = new DatabaseSync(':memory:');
  const store = new MailboxStore(database, { keepBodies: true });
  const clock = (): Date => new Date(NOW);
  const directory = openDirectory(database, tenants);
  const limits = graphLimits(1, 0);
  const throttle = new Throttle(limits);
  const parts = {
    settings: readSettings({ SANDBOX_DATA: 'memory' }),
    tenants: directory.tenants,
    directory,
    mailboxes: mailboxReader(store, clock, new UploadSessions(database)),
    consents: consentRegistry(database),
    faults: faultRegistry(1),
    limits: limitsDesk(limits, throttle, () => graphLimits(1, 0)),
    clock,
    database,
    outside: outsideWorld(clock),
  };
  const app = Fastify();
  open.push(app);
  await app.register(pageRoutes(parts));

  const mailbox = store.mailbox(grace.id);
  const root = store.folders.wellKnown(mailbox, 'msgfolderroot')?.seq ?? null;
  const folder = store.folders.create(mailbox, root, 'Android Archiver');
  const write = (change: Partial<NewMessage> & { subject?: string } = {}): string => {
    const { subject = 'SMS with Alice Porter', ...rest } = change;
    store.messages.create({
      mailbox,
      folder,
      received: NOW - 3_600_000,
      sent: NOW - 3_600_000,
      created: NOW,
      internetMessageId: '<1@archive.example>',
      isDraft: false,
      isRead: true,
      bodyType: 'text',
      body: 'Morning Grace',
      fields: {
        subject,
        from: { name: 'Alice Porter', address: '14155550107@mobile.invalid' },
        sender: null,
        to: [{ name: 'Grace Adeyemi', address: 'grace.adeyemi@alderbyrne.example' }],
        cc: [],
        bcc: [],
        replyTo: [],
        importance: 'normal',
        categories: [],
        headers: [{ name: 'x-item-id', value: 'item-1' }],
        properties: [{ id: 'String 0x001A', value: 'IPM.ExternalData.AndroidArchiver' }],
      },
      attachments: [],
      ...rest,
    });
    const [newest] = parts.mailboxes
      .messages(grace.id, folderId(folder), { skip: 0, top: 1_000 })
      .filter((one) => one.subject === subject);
    return `${MAILBOX}/messages/${newest?.id}`;
  };
  const get = async (url: string) => {
    const { statusCode, body, headers } = await app.inject({ url });
    return { status: statusCode, body, headers };
  };
  const post = async (url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    return { status: statusCode, location: answered.location?.toString() ?? '', body };
  };
  const idOf = (name: string): string => directory.find(name)?.person.id ?? '';
  return { ...parts, parts, app, throttle, store, mailbox, folder, write, get, post, idOf };
}

/** Addresses that a page refers to. */
export const links = (body: string, pattern: RegExp): string[] =>
  [...body.matchAll(pattern)].map((one) => (one[1] ?? '').replaceAll('&amp;', '&'));
