/** The administration accounts as they are at the moment: suspended, with a PIN, with other kinds, by request. */
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { archiverKinds } from '../phones/kinds.ts';
import { type AdministrationAccount, accountStates, administrationAccounts } from './accounts.ts';

export const accountChangeSchema = z.strictObject({
  state: z.enum(accountStates).optional(),
  /** forgets wrong passwords */
  unlock: z.boolean().optional(),
  /** kinds of archiver that the account has ordered, instead of those before */
  kinds: z.array(z.enum(archiverKinds.map((kind) => kind.id))).optional(),
});

export type AccountChange = z.infer<typeof accountChangeSchema>;

/** what is kept; a state folder outlives the code, so what cannot be read is as if it had not been changed */
const keptSchema = accountChangeSchema.omit({ unlock: true }).catch({});
type Kept = z.infer<typeof keptSchema>;

export interface AccountBook {
  all(): readonly AdministrationAccount[];
  /** by username, in any case */
  find(username: string): AdministrationAccount | undefined;
  /** false where there is no such account */
  change(username: string, change: Pick<AccountChange, 'state' | 'kinds'>): boolean;
  /** as at a first start */
  reset(): void;
}

/** A book with the accounts of `accounts.ts`. Changes outlive the process. */
export function accountBook(database: DatabaseSync): AccountBook {
  database.exec(
    'CREATE TABLE IF NOT EXISTS telemessage_account (username TEXT PRIMARY KEY, change TEXT NOT NULL) STRICT',
  );
  const read = database.prepare('SELECT change FROM telemessage_account WHERE username = ?');
  const write = database.prepare(
    'INSERT INTO telemessage_account VALUES (?, ?) ON CONFLICT (username) DO UPDATE SET change = excluded.change',
  );

  const keptOf = (username: string): Kept => {
    const row = read.get(username);
    return row === undefined ? {} : keptSchema.parse(JSON.parse(String(row.change)));
  };
  const asItIs = (account: AdministrationAccount): AdministrationAccount => {
    const { state = account.state, kinds = account.kinds } = keptOf(account.username);
    return { ...account, state, kinds };
  };
  const known = (username: string): AdministrationAccount | undefined => {
    const wanted = username.toLowerCase();
    return administrationAccounts.find((one) => one.username === wanted);
  };
  return {
    all: () => administrationAccounts.map(asItIs),
    find: (username) => {
      const account = known(username);
      return account && asItIs(account);
    },
    change: (username, { state, kinds }) => {
      const account = known(username);
      if (account === undefined) return false;
      const kept: Kept = { ...keptOf(account.username), ...(state && { state }), ...(kinds && { kinds }) };
      write.run(account.username, JSON.stringify(kept));
      return true;
    },
    reset: () => database.exec('DELETE FROM telemessage_account'),
  };
}
