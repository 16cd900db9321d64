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

/**
 * Compares messages as `$orderby` asks.
 * @throws {GraphError} 400 for a property that Exchange does not sort by
 */
export function ordering(orderBy: QueryOptions['orderBy']): (left: MessageRow, right: MessageRow) => number {
  const keys = orderBy.map(({ path, descending }) => {
    const key = Object.hasOwn(SORT_KEYS, path) ? SORT_KEYS[path] : undefined;
    if (!key) throw new GraphError(400, 'ErrorInvalidProperty', `The property '${path}' cannot be used to sort.`);
    return { key, sign: descending ? -1 : 1 };
  });
  return (left, right) => {
    for (const { key, sign } of keys) {
      const [one, other] = [key(left), key(right)];
      if (one !== other) return one < other ? -sign : sign;
    }
    return left.seq - right.seq;
  };
}
