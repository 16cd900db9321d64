/**
 * What lies in the mailboxes of a simulated Microsoft 365, and what each request does to it. No time passes here and
 * nothing goes wrong but what the state demands; `graph.ts` decides when a request takes effect, and what is said of it.
 */
import {
  type Attachment,
  fits,
  type Message,
  type NewUser,
  type Reply,
  refusal,
  refusalOfMailbox,
  type User,
} from './mailbox.ts';
import { UploadSessions } from './uploads.ts';

/** A request as it takes effect. */
export interface Effect {
  readonly now: number;
  /** a search answers as of so many milliseconds ago */
  readonly lagMs: number;
  /** later than anybody allows for */
  readonly surplus: boolean;
  /** whether the token says so */
  readonly mayWriteMail: boolean;
  /** every search begins with an empty page */
  readonly emptyPageFirst: boolean;
  /** how long an upload session lives that is begun now, in milliseconds */
  readonly sessionMs: number;
}

/** A mailbox cannot take what is larger. */
const REQUEST_LIMIT_BYTES = 4_000_000;

export class Microsoft365 {
  readonly users = new Map<string, User>();
  readonly uploads = new UploadSessions((message, attachment) => this.#add(message, attachment));
  /** what was seen and must never be */
  readonly violations: string[] = [];
  #ids = 0;

  addUser(user: NewUser): User {
    const added = {
      ...user,
      ...{
        inDirectory: true,
        wasGone: !user.hasMailbox,
        wasFull: user.full,
        closed: false,
        wasClosed: false,
        wasLimited: user.limitBytes !== null,
        leastLimitBytes: user.limitBytes,
      },
      mailbox: { folders: new Map(), messages: new Map(), underWay: 0, lagMs: 0, lagsUntil: 0 },
    };
    this.users.set(user.id, added);
    return added;
  }

  /** Messages of one item in a mailbox that nobody removed. */
  copies({ mailbox }: User, property: string): Message[] {
    return [...mailbox.messages.values()].filter((one) => one.property === property && one.removedBy === null);
  }

  /** @param path below the version, with its query */
  handle(method: string, path: string, body: unknown, effect: Effect): Reply {
    const { pathname, searchParams } = new URL(path, 'https://graph');
    const parts = pathname.split('/').slice(1).map(decodeURIComponent);
    if (parts[0] !== 'users') return refusal(400, 'BadRequest');
    if (parts.length === 1) return this.#search(searchParams.get('$filter') ?? '');
    const user = this.users.get(parts[1] ?? '');
    if (!user) return refusal(404, 'ErrorInvalidUser');
    const refused = refusalOfMailbox(user, effect.mayWriteMail);
    if (refused) return refused;
    const [, , room, id, inner, more] = parts;
    if (room === 'mailFolders' && id === undefined) {
      return method === 'GET' ? this.#folders(user, searchParams) : this.#addFolder(user, body);
    }
    if (room === 'mailFolders' && inner === 'messages') {
      if (!user.mailbox.folders.has(id ?? '')) return refusal(404, 'ErrorItemNotFound');
      if (method === 'GET') return this.#find(user, id ?? null, searchParams, effect);
      return this.#create(user, id ?? '', body, effect);
    }
    if (room === 'messages' && id === undefined) return this.#find(user, null, searchParams, effect);
    const message = user.mailbox.messages.get(id ?? '');
    if (room !== 'messages' || !message || message.removedBy !== null) return refusal(404, 'ErrorItemNotFound');
    if (inner === undefined && method === 'DELETE') {
      message.removedBy = 'product';
      return { status: 204 };
    }
    if (more === 'createUploadSession') return this.uploads.open(user, message, body, effect.now + effect.sessionMs);
    if (method === 'DELETE') return removeAttachment(message, more ?? '');
    if (method === 'GET') return attachmentNames(message, searchParams);
    return this.#attach(user, message, body);
  }

  #search(filter: string): Reply {
    const asked =
      filter
        .match(/'((?:[^']|'')*)'/)?.[1]
        ?.replaceAll("''", "'")
        .toLowerCase() ?? '';
    const address = asked.replace(/^smtp:/, '');
    const known = [...this.users.values()].filter(({ inDirectory }) => inDirectory);
    const found = known.filter(({ mail, aliases }) => {
      if (filter.startsWith('proxyAddresses')) return aliases.includes(address) || mail === address;
      return mail === address;
    });
    const value = found.map(({ id, mail, name }) => {
      return { id, displayName: name, userPrincipalName: mail, mail, userType: 'Member' };
    });
    return { status: 200, body: { value } };
  }

  #folders({ mailbox }: User, query: URLSearchParams): Reply {
    const name = query.get('$filter')?.match(/^displayName eq '(.*)'$/)?.[1];
    const shown = [...mailbox.folders].filter(
      ([, folder]) => !folder.deleted && (name === undefined || folder.name === name),
    );
    return { status: 200, body: { value: shown.map(([id]) => ({ id })) } };
  }

  #addFolder({ mailbox }: User, body: unknown): Reply {
    const { displayName } = body as { displayName: string };
    const taken = [...mailbox.folders.values()].some(({ name, deleted }) => name === displayName && !deleted);
    if (taken) return refusal(409, 'ErrorFolderExists');
    const id = `folder-${++this.#ids}`;
    mailbox.folders.set(id, { name: displayName, deleted: false });
    return { status: 201, body: { id, displayName } };
  }

  #find(
    { mailbox }: User,
    folderId: string | null,
    query: URLSearchParams,
    { now, lagMs, emptyPageFirst }: Effect,
  ): Reply {
    if (emptyPageFirst && !query.has('$skiptoken')) {
      const next = 'https://graph.simulated/v1.0/next?$skiptoken=more';
      return { status: 200, body: { value: [], '@odata.nextLink': next } };
    }
    const property = query
      .get('$filter')
      ?.match(/ep\/value eq '((?:[^']|'')*)'\)$/)?.[1]
      ?.replaceAll("''", "'");
    const value = [...mailbox.messages.values()]
      .filter((one) => one.property === property && one.removedBy === null && one.createdAt <= now - lagMs)
      .filter((one) => folderId === null || one.folderId === folderId)
      .map(({ id, folderId: parentFolderId, internetMessageId }) => ({ id, parentFolderId, internetMessageId }));
    return { status: 200, body: { value } };
  }

  #create(user: User, folderId: string, body: unknown, { now, surplus }: Effect): Reply {
    const sent = body as {
      readonly internetMessageId: string;
      readonly singleValueExtendedProperties: readonly { readonly id: string; readonly value: string }[];
      readonly attachments?: readonly { readonly name: string; readonly contentBytes: string }[];
    };
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    if (JSON.stringify(body).length > REQUEST_LIMIT_BYTES) return refusal(413, 'RequestEntityTooLarge');
    const attachments = (sent.attachments ?? []).map(({ name, contentBytes }) => {
      return { name, bytes: Buffer.from(contentBytes, 'base64') };
    });
    const bareBytes = JSON.stringify({ ...sent, attachments: [] }).length;
    if (!fits(user, { bareBytes, attachments }, 0)) return refusal(400, 'ErrorMessageSizeExceeded');
    const property = sent.singleValueExtendedProperties.find(({ id }) => id.startsWith('String {'))?.value ?? '';
    const before = this.copies(user, property);
    if (before.length > 0 && !surplus && !before.some((one) => one.surplus)) {
      this.violations.push(`two copies of ${property} in the mailbox of ${user.name}`);
    }
    const id = `message-${++this.#ids}`;
    const { internetMessageId } = sent;
    user.mailbox.messages.set(id, {
      ...{
        id,
        folderId,
        createdAt: now,
        property,
        internetMessageId,
        attachments,
        bareBytes,
        surplus,
        removedBy: null,
      },
    });
    return { status: 201, body: { id } };
  }

  #attach(user: User, message: Message, body: unknown): Reply {
    const { name, contentBytes } = body as { readonly name: string; readonly contentBytes: string };
    const bytes = Buffer.from(contentBytes, 'base64');
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    if (!fits(user, message, bytes.length)) return refusal(400, 'ErrorMessageSizeExceeded');
    return this.#add(message, { name, bytes });
  }

  #add(message: Message, attachment: Attachment): Reply {
    if (message.attachments.some(({ name }) => name === attachment.name)) {
      this.violations.push(`attachment ${attachment.name} twice in ${message.property}`);
    }
    message.attachments.push(attachment);
    return { status: 201, body: { id: `attachment-${++this.#ids}` } };
  }
}

function removeAttachment({ attachments }: Message, id: string): Reply {
  const place = attachments.findIndex(({ name }) => `attachment-${name}` === id);
  if (place < 0) return refusal(404, 'ErrorItemNotFound');
  attachments.splice(place, 1);
  return { status: 204 };
}

function attachmentNames({ attachments }: Message, query: URLSearchParams): Reply {
  const skip = Number(query.get('$skip') ?? 0);
  const top = Number(query.get('$top') ?? 10);
  const value = attachments.slice(skip, skip + top).map(({ name }) => ({ id: `attachment-${name}`, name }));
  const more = skip + top < attachments.length;
  return { status: 200, body: { value, ...(more ? { '@odata.nextLink': 'https://graph.simulated/more' } : {}) } };
}
