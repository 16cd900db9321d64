/**
 * An item as the source sent it, understood as far as it can be. It is unreadable only where its id, its type, its owner
 * or its sender cannot be understood: nobody could say then whose it is. Anything else that is not as agreed is left out
 * or mended, and named, so that the message can say so and carry the original. Pure.
 */
import {
  type Item,
  isIdentifier,
  itemSchema,
  MAX_ATTACHMENTS,
  type Party,
  partySchema,
  type SourceAttachment,
} from './item.ts';
import { parseTime } from './times.ts';

export interface ReadItem {
  readonly item: Item;
  /** paths of what was not as agreed, such as `call` or `attachments[2].size`; empty for an honest item */
  readonly mended: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** @returns null where the item is unreadable */
export function readItem(raw: unknown): ReadItem | null {
  const whole = itemSchema.safeParse(raw);
  if (whole.success) return { item: whole.data, mended: [] };
  if (!isFields(raw)) return null;
  const { shape } = itemSchema;
  const mended: string[] = [];
  const type = shape.type.safeParse(raw.type);
  const owner = readParty(raw.owner, 'owner', mended);
  const sender = readParty(raw.sender, 'sender', mended);
  if (!isIdentifier(raw.id) || !type.success || owner === null || sender === null) return null;

  const optional = <N extends keyof typeof shape>(name: N): ReturnType<(typeof shape)[N]['parse']> | null => {
    const parsed = shape[name].safeParse(raw[name]);
    if (parsed.success) return parsed.data as ReturnType<(typeof shape)[N]['parse']>;
    mended.push(name);
    return null;
  };
  return {
    item: {
      id: raw.id,
      type: type.data,
      messageKey: optional('messageKey'),
      direction: optional('direction') ?? (sender.mobile === owner.mobile ? 'outgoing' : 'incoming'),
      owner,
      sender,
      recipients: readList(raw.recipients, 'recipients', mended, readParty, Number.POSITIVE_INFINITY),
      messageTime: optional('messageTime') ?? '',
      archivedTime: optional('archivedTime') ?? isoOf(raw.archivedTime),
      conversationId: optional('conversationId'),
      groupName: optional('groupName'),
      subject: optional('subject'),
      text: optional('text'),
      attachments: readList(raw.attachments ?? [], 'attachments', mended, readAttachment, MAX_ATTACHMENTS),
      call: optional('call'),
    },
    mended,
  };
}

/** In the form agreed on where it is a time in another one; empty where it is none. */
function isoOf(raw: unknown): string {
  const time = typeof raw === 'string' ? parseTime(raw) : null;
  return time === null ? '' : new Date(time).toISOString();
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads what can be read of a list of at most `limit`; the paths of the rest are in `mended`. */
function readList<T>(
  raw: unknown,
  path: string,
  mended: string[],
  read: (raw: unknown, path: string, mended: string[]) => T | null,
  limit: number,
): T[] {
  if (!Array.isArray(raw)) {
    mended.push(path);
    return [];
  }
  if (raw.length > limit) mended.push(`${path}[${limit}]`);
  return raw.slice(0, limit).flatMap((one: unknown, index) => {
    const at = `${path}[${index}]`;
    const value = read(one, at, mended);
    if (value !== null) return [value];
    mended.push(at);
    return [];
  });
}

function readParty(raw: unknown, path: string, mended: string[]): Party | null {
  const whole = partySchema.safeParse(raw);
  if (whole.success) return whole.data;
  if (!isFields(raw)) return null;
  const mobile = partySchema.shape.mobile.safeParse(raw.mobile);
  if (!mobile.success) return null;
  mended.push(path);
  return {
    mobile: mobile.data,
    email: partySchema.shape.email.safeParse(raw.email).data ?? null,
    name: partySchema.shape.name.safeParse(raw.name).data ?? null,
  };
}

function readAttachment(raw: unknown, path: string, mended: string[]): SourceAttachment | null {
  if (!isFields(raw) || !isIdentifier(raw.id)) return null;
  const text = (name: 'name' | 'contentType'): string => {
    const value = raw[name];
    if (typeof value === 'string') return value;
    mended.push(`${path}.${name}`);
    return '';
  };
  const size = Number.isSafeInteger(raw.size) && Number(raw.size) >= 0 ? Number(raw.size) : null;
  if (size === null) mended.push(`${path}.size`);
  const sha256 = typeof raw.sha256 === 'string' ? raw.sha256 : null;
  if (sha256 === null && raw.sha256 != null) mended.push(`${path}.sha256`);
  return { id: raw.id, name: text('name'), contentType: text('contentType'), size: size ?? 0, sha256 };
}
