/**
 * What lies in the mailboxes of a simulated Microsoft 365, and what each request does to it. No time passes here and
 * nothing goes wrong but what the state demands; `graph.ts` decides when a request takes effect, and what is said of it.
 */

export interface User {
  readonly id: string;
  readonly mail: string;
  /** further addresses */
  readonly aliases: readonly string[];
  readonly name: string;
  hasMailbox: boolean;
  full: boolean;
  /** at some time */
  wasFull: boolean;
  /** a policy keeps this application out */
  closed: boolean;
  wasClosed: boolean;
  /** its content stays when the mailbox goes and comes back */
  readonly mailbox: Mailbox;
}

export type NewUser = Omit<User, 'mailbox' | 'wasFull' | 'closed' | 'wasClosed'>;

export interface Attachment {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Message {
  readonly id: string;
  folderId: string;
  readonly createdAt: number;
  /** of the item's named property */
  readonly property: string;
  readonly internetMessageId: string;
  readonly attachments: Attachment[];
  /** took effect later than anybody allows for */
  readonly surplus: boolean;
  removedBy: 'person' | 'product' | null;
}

interface Session {
  readonly userId: string;
  readonly message: Message;
  readonly name: string;
  readonly size: number;
  readonly parts: Buffer[];
  received: number;
}

export interface Mailbox {
  readonly folders: Map<string, { readonly name: string; deleted: boolean }>;
  readonly messages: Map<string, Message>;
  /** requests that are being worked on */
  underWay: number;
  /** searches answer as of so many milliseconds ago, until then */
  lagMs: number;
  lagsUntil: number;
}

/** An answer of Graph, and the body that it has. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const refusal = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  body: { error: { code, message: code, innerError: { 'request-id': 'simulated' } } },
});

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
}

/** A mailbox cannot take what is larger. */
const REQUEST_LIMIT_BYTES = 4_000_000;

export class Microsoft365 {
  readonly users = new Map<string, User>();
  readonly #sessions = new Map<string, Session>();
  /** what was seen and must never be */
  readonly violations: string[] = [];
  #ids = 0;

  addUser(user: NewUser): User {
    const added = {
      ...user,
      wasFull: user.full,
      closed: false,
      wasClosed: false,
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
    if (!user.hasMailbox) return refusal(404, 'MailboxNotEnabledForRESTAPI');
    if (user.closed || !effect.mayWriteMail) return refusal(403, 'ErrorAccessDenied');
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
    if (more === 'createUploadSession') return this.#openSession(user, message, body);
    if (method === 'GET') return attachmentNames(message, searchParams);
    return this.#attach(user, message, body);
  }

  /** Whose mailbox an upload session writes into; null where it is gone. */
  userOfUpload(url: string): string | null {
    return this.#sessions.get(url)?.userId ?? null;
  }

  /** A part of a file, by the address that the session gave. */
  upload(url: string, range: string, bytes: Buffer): Reply {
    const session = this.#sessions.get(url);
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
    if (!session || session.message.removedBy !== null) return refusal(404, 'ErrorItemNotFound');
    if (Number(from) !== session.received || Number(total) !== session.size) return refusal(416, 'InvalidRange');
    if (Number(to) - Number(from) + 1 !== bytes.length) return refusal(400, 'BadRequest');
    session.parts.push(bytes);
    session.received += bytes.length;
    if (session.received < session.size) return { status: 200, body: { nextExpectedRanges: [`${session.received}-`] } };
    this.#sessions.delete(url);
    return this.#add(session.message, { name: session.name, bytes: Buffer.concat(session.parts) });
  }

  #search(filter: string): Reply {
    const asked =
      filter
        .match(/'((?:[^']|'')*)'/)?.[1]
        ?.replaceAll("''", "'")
        .toLowerCase() ?? '';
    const address = asked.replace(/^smtp:/, '');
    const found = [...this.users.values()].filter(({ mail, aliases }) => {
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
    const property = sent.singleValueExtendedProperties.find(({ id }) => id.startsWith('String {'))?.value ?? '';
    const before = this.copies(user, property);
    if (before.length > 0 && !surplus && !before.some((one) => one.surplus)) {
      this.violations.push(`two copies of ${property} in the mailbox of ${user.name}`);
    }
    const id = `message-${++this.#ids}`;
    const attachments = (sent.attachments ?? []).map(({ name, contentBytes }) => {
      return { name, bytes: Buffer.from(contentBytes, 'base64') };
    });
    const { internetMessageId } = sent;
    user.mailbox.messages.set(id, {
      id,
      folderId,
      createdAt: now,
      property,
      internetMessageId,
      attachments,
      surplus,
      removedBy: null,
    });
    return { status: 201, body: { id } };
  }

  #attach(user: User, message: Message, body: unknown): Reply {
    const { name, contentBytes } = body as { readonly name: string; readonly contentBytes: string };
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    return this.#add(message, { name, bytes: Buffer.from(contentBytes, 'base64') });
  }

  #openSession(user: User, message: Message, body: unknown): Reply {
    const { AttachmentItem: item } = body as {
      readonly AttachmentItem: { readonly name: string; readonly size: number };
    };
    if (user.full) return refusal(507, 'ErrorQuotaExceeded');
    const uploadUrl = `https://upload.simulated/${++this.#ids}`;
    this.#sessions.set(uploadUrl, {
      userId: user.id,
      message,
      name: item.name,
      size: item.size,
      parts: [],
      received: 0,
    });
    return { status: 201, body: { uploadUrl, nextExpectedRanges: ['0-'] } };
  }

  #add(message: Message, attachment: Attachment): Reply {
    if (message.attachments.some(({ name }) => name === attachment.name)) {
      this.violations.push(`attachment ${attachment.name} twice in ${message.property}`);
    }
    message.attachments.push(attachment);
    return { status: 201, body: { id: `attachment-${++this.#ids}` } };
  }
}

function attachmentNames({ attachments }: Message, query: URLSearchParams): Reply {
  const skip = Number(query.get('$skip') ?? 0);
  const top = Number(query.get('$top') ?? 10);
  const value = attachments.slice(skip, skip + top).map(({ name }) => ({ id: `attachment-${name}`, name }));
  const more = skip + top < attachments.length;
  return { status: 200, body: { value, ...(more ? { '@odata.nextLink': 'https://graph.simulated/more' } : {}) } };
}
