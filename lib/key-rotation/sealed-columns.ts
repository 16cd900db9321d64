/**
 * Everything in the database that is sealed under the key ring, and what becomes of it when a new key takes over. A test
 * holds this list against the schema and against all callers of `security/sealing.ts`.
 */
import { resealPassword } from '../connectors/password.ts';
import { dataKeyContext } from '../imports/stage-attachments.ts';
import { type ChannelSecret, resealChannelSecret } from '../notifications/secrets.ts';
import type { KeyRing } from '../security/keyring.ts';
import { unwrapDataKey, wrapDataKey } from '../security/sealing.ts';
import { resealRefreshToken } from '../sessions/refresh-token.ts';

/** `id` is the last column of the row's key, which what is sealed is tied to. @throws TamperedError, UnknownKeyError */
type Reseal<T> = (ring: KeyRing, sealed: T, id: string) => T;

interface Column {
  readonly table: string;
  readonly column: string;
  /** the primary key, with PostgreSQL's types */
  readonly key: readonly (readonly [column: string, type: string])[];
}

/** Sealed anew under the newest key. */
export type ResealedColumn = Column & {
  /** a column that names the value by being equal to it, and moves with it */
  readonly namedBy?: string;
} & (
    | { readonly form: 'text'; readonly reseal: Reseal<string> }
    | { readonly form: 'bytea'; readonly reseal: Reseal<Buffer> }
  );

/** Left to its end, which comes by itself. */
export type EndingColumn = Column & {
  readonly form: 'text';
  /** SQL that is true of rows that nobody can use any more: they are removed */
  readonly isOver: string;
};

const channelSecret = (column: string, what: ChannelSecret): ResealedColumn => ({
  table: 'notification_setting',
  column,
  form: 'text',
  key: [['connector_id', 'uuid']],
  reseal: (ring, sealed, id) => resealChannelSecret(ring, id, what, sealed),
});

export const RESEALED_COLUMNS: readonly ResealedColumn[] = [
  {
    table: 'connector',
    column: 'password_sealed',
    form: 'text',
    key: [['id', 'uuid']],
    // Which password was refused is noted by its sealed form: without this a wrong one would be tried again.
    namedBy: 'refused_password_sealed',
    reseal: (ring, sealed, id) => resealPassword(ring, id, sealed),
  },
  channelSecret('webhook_url_sealed', 'webhook-url'),
  channelSecret('webhook_secret_sealed', 'webhook-secret'),
  channelSecret('heartbeat_url_sealed', 'heartbeat-url'),
  {
    table: 'portal_session',
    column: 'refresh_token_sealed',
    form: 'text',
    key: [['id', 'uuid']],
    reseal: (ring, sealed, id) => resealRefreshToken(ring, id, sealed),
  },
  {
    table: 'attachment',
    column: 'data_key',
    form: 'bytea',
    key: [
      ['archived_at', 'timestamptz'],
      ['id', 'bigint'],
    ],
    // The attachment itself stays as it is: what is sealed anew is the key to it.
    reseal: (ring, sealed, id) => {
      const context = dataKeyContext(id);
      return wrapDataKey(ring, unwrapDataKey(ring, sealed, context), context);
    },
  },
];

export const ENDING_COLUMNS: readonly EndingColumn[] = [
  {
    // Microsoft ends a session after days. Its address is tied to bytes of which the row knows nothing.
    table: 'upload_session',
    column: 'url_sealed',
    form: 'text',
    key: [
      ['archived_at', 'timestamptz'],
      ['delivery_id', 'bigint'],
      ['attachment', 'text'],
    ],
    isOver: `expires_at < now() - interval '1 day'`,
  },
];

/** SQL for the id of the key that a column is sealed with; an empty text for what is no sealed value. */
export function keyIdSql({ column, form }: Pick<Column, 'column'> & { readonly form: 'text' | 'bytea' }): string {
  if (form === 'bytea') return idIn(column, `octet_length(${column}) > 30 AND get_byte(${column}, 0) = 1`);
  // base64url of the binary form. Its beginning, which is decoded, has the longest id in it.
  const beginning = `substr(${column}, 8, 48)`;
  const padded = `rpad(translate(${beginning}, '-_', '+/'), (length(${beginning}) + 3) / 4 * 4, '=')`;
  return idIn(`decode(${padded}, 'base64')`, `${column} ~ '^sealed\\.[A-Za-z0-9_-]{42,}$'`);
}

function idIn(bytes: string, isSealed: string): string {
  return `CASE WHEN ${isSealed} THEN convert_from(substring(${bytes} FROM 3 FOR get_byte(${bytes}, 1)), 'LATIN1') ELSE '' END`;
}
