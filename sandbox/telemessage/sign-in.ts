/** Signing in to an administration account: passwords, the lock after five wrong ones, sessions. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../composition.ts';
import { type AdministrationAccount, administrationAccounts } from './accounts.ts';
import { refusals } from './refusal.ts';

const WRONG_PASSWORDS_UNTIL_LOCKED = 5;
/** per username; the oldest goes first */
const SESSIONS_AT_ONCE = 200;

export interface SignIn {
  /**
   * Opens a session.
   * @throws {Refusal} 300, 301, 309, 310
   */
  open(username: string, password: string): { readonly token: string; readonly account: AdministrationAccount };
  /**
   * The account of a session.
   * @throws {Refusal} 302
   */
  accountOf(token: string | null): AdministrationAccount;
  /** Ends a session before its time. */
  expire(token: string): void;
  isLocked(username: string): boolean;
  unlock(username: string): void;
}

export function signInDesk(database: DatabaseSync, clock: Clock, sessionSeconds: number): SignIn {
  database.exec(
    'CREATE TABLE IF NOT EXISTS telemessage_wrong_password (username TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT',
  );
  const read = database.prepare('SELECT count FROM telemessage_wrong_password WHERE username = ?');
  const write = database.prepare(
    'INSERT INTO telemessage_wrong_password VALUES (?, 1) ON CONFLICT (username) DO UPDATE SET count = count + 1',
  );
  const clear = database.prepare('DELETE FROM telemessage_wrong_password WHERE username = ?');
  const sessions = new Map<string, { readonly account: AdministrationAccount; readonly until: number }>();

  const isLocked = (username: string): boolean =>
    Number(read.get(username)?.count ?? 0) >= WRONG_PASSWORDS_UNTIL_LOCKED;

  const remember = (token: string, account: AdministrationAccount): void => {
    const now = clock().getTime();
    let held = 0;
    for (const [other, session] of [...sessions].reverse()) {
      if (session.account === account) held += 1;
      if (session.until <= now || (session.account === account && held >= SESSIONS_AT_ONCE)) sessions.delete(other);
    }
    sessions.set(token, { account, until: now + sessionSeconds * 1_000 });
  };

  return {
    open: (username, password) => {
      const account = administrationAccounts.find((one) => one.username === username.toLowerCase());
      if (account === undefined) throw refusals.userDoesntExist();
      if (isLocked(account.username)) throw refusals.userSuspended();
      if (account.password !== password) {
        write.run(account.username);
        throw refusals.invalidPassword();
      }
      clear.run(account.username);
      if (account.state === 'suspended') throw refusals.userSuspended();
      if (account.state === 'pinRequired') throw refusals.pinRequired();
      const token = randomBytes(32).toString('base64url');
      remember(token, account);
      return { token, account };
    },
    accountOf: (token) => {
      const session = token === null ? undefined : sessions.get(token);
      if (session === undefined || session.until <= clock().getTime()) throw refusals.sessionExpired();
      if (isLocked(session.account.username)) throw refusals.userSuspended();
      return session.account;
    },
    expire: (token) => {
      sessions.delete(token);
    },
    isLocked,
    unlock: (username) => {
      clear.run(username);
    },
  };
}
