/** The order of a list of messages. */
import { GraphError } from './errors.ts';
import type { QueryOptions } from './odata/query.ts';
import type { MessageRow } from './rows.ts';

const IMPORTANCE = { low: 0, normal: 1, high: 2 } as const;

const SORT_KEYS: Readonly<Record<string, (row: MessageRow) => string | number>> = {
  receivedDateTime: (row) => row.received,
  sentDateTime: (row) => row.sent,
  createdDateTime: (row) => row.created,
  lastModifiedDateTime: (row) => row.modified,
  subject: (row) => row.fields.subject.toLowerCase(),
  importance: (row) => IMPORTANCE[row.fields.importance],
  internetMessageId: (row) => row.internetMessageId.toLowerCase(),
  isRead: (row) => Number(row.isRead),
  isDraft: (row) => Number(row.isDraft),
  hasAttachments: (row) => Number(row.attachments > 0),
  'from/emailAddress/address': (row) => row.fields.from?.address.toLowerCase() ?? '',
  'from/emailAddress/name': (row) => row.fields.from?.name.toLowerCase() ?? '',
  'sender/emailAddress/address': (row) => row.fields.sender?.address.toLowerCase() ?? '',
  'sender/emailAddress/name': (row) => row.fields.sender?.name.toLowerCase() ?? '',
};

/** What a message is sorted by, without the message. */
export interface SortedMessage {
  readonly seq: number;
  readonly keys: readonly (string | number)[];
}

export interface MessageOrder {
  keysOf(row: MessageRow): SortedMessage;
  compare(left: SortedMessage, right: SortedMessage): number;
}

/** The order in which messages lie: newest received first. */
export function isNewestFirst(orderBy: QueryOptions['orderBy']): boolean {
  return orderBy.every(({ path, descending }) => path === 'receivedDateTime' && descending);
}

/**
 * The order that `$orderby` asks for.
 * @throws {GraphError} 400 for a property that Exchange does not sort by
 */
export function ordering(orderBy: QueryOptions['orderBy']): MessageOrder {
  const keys = orderBy.map(({ path }) => {
    const key = Object.hasOwn(SORT_KEYS, path) ? SORT_KEYS[path] : undefined;
    if (!key) throw new GraphError(400, 'ErrorInvalidProperty', `The property '${path}' cannot be used to sort.`);
    return key;
  });
  return {
    keysOf: (row) => ({ seq: row.seq, keys: keys.map((key) => key(row)) }),
    compare: (left, right) => {
      for (const [index, { descending }] of orderBy.entries()) {
        const [one = '', other = ''] = [left.keys[index], right.keys[index]];
        if (one !== other) return one < other === descending ? 1 : -1;
      }
      return left.seq - right.seq;
    },
  };
}
