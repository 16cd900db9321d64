/** The administration accounts as they are at the moment: suspended, with a PIN, with other kinds, by request. */
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

export interface AccountBook {
  all(): readonly AdministrationAccount[];
  /** by username, in any case */
  find(username: string): AdministrationAccount | undefined;
  change(username: string, change: Pick<AccountChange, 'state' | 'kinds'>): void;
  /** as at the start */
  reset(): void;
}

/** A book with the accounts of `accounts.ts`. Changes end with the process. */
export function accountBook(): AccountBook {
  const changes = new Map<string, Pick<AccountChange, 'state' | 'kinds'>>();
  const asItIs = (account: AdministrationAccount): AdministrationAccount => {
    const { state = account.state, kinds = account.kinds } = changes.get(account.username) ?? {};
    return { ...account, state, kinds };
  };
  return {
    all: () => administrationAccounts.map(asItIs),
    find: (username) => {
      const wanted = username.toLowerCase();
      const account = administrationAccounts.find((one) => one.username === wanted);
      return account && asItIs(account);
    },
    change: (username, { state, kinds }) => {
      const before = changes.get(username.toLowerCase());
      changes.set(username.toLowerCase(), { ...before, ...(state && { state }), ...(kinds && { kinds }) });
    },
    reset: () => changes.clear(),
  };
}
