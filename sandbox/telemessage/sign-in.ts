/** Signing in to an administration account: passwords, the lock after five wrong ones, sessions. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../composition.ts';
import type { AccountBook } from './account-book.ts';
import type { AdministrationAccount } from './accounts.ts';
import type { ConditionsDesk } from './conditions.ts';
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
   * The account of a session, as it is now.
   * @throws {Refusal} 302, 309
   */
  accountOf(token: string | null): AdministrationAccount;
  /** Ends a session before its time; false when it is over already, or is none. */
  expire(token: string): boolean;
  isLocked(username: string): boolean;
  unlock(username: string): void;
  unlockAll(): void;
  /** Ends every session. */
  endAll(): void;
}

interface Session {
  readonly username: string;
  /** ms since the epoch */
  readonly opened: number;
  /** what was promised when it was opened, ms since the epoch */
  readonly until: number;
}

export function signInDesk(
  database: DatabaseSync,
  clock: Clock,
  accounts: AccountBook,
  conditions: ConditionsDesk,
): SignIn {
  database.exec(
    'CREATE TABLE IF NOT EXISTS telemessage_wrong_password (username TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT',
  );
  const read = database.prepare('SELECT count FROM telemessage_wrong_password WHERE username = ?');
  const write = database.prepare(
    'INSERT INTO telemessage_wrong_password VALUES (?, 1) ON CONFLICT (username) DO UPDATE SET count = count + 1',
  );
  const clear = database.prepare('DELETE FROM telemessage_wrong_password WHERE username = ?');
  const clearAll = database.prepare('DELETE FROM telemessage_wrong_password');
  const sessions = new Map<string, Session>();

  const isLocked = (username: string): boolean =>
    Number(read.get(username)?.count ?? 0) >= WRONG_PASSWORDS_UNTIL_LOCKED;

  const lifetime = (): number => conditions.inForce.sessionSeconds * 1_000;
  const isOver = (session: Session, now: number): boolean => session.until <= now || session.opened + lifetime() <= now;

  const remember = (token: string, { username }: AdministrationAccount): void => {
    const now = clock().getTime();
    let held = 0;
    for (const [other, session] of [...sessions].reverse()) {
      if (session.username === username) held += 1;
      if (isOver(session, now) || (session.username === username && held >= SESSIONS_AT_ONCE)) sessions.delete(other);
    }
    sessions.set(token, { username, opened: now, until: now + lifetime() });
  };

  return {
    open: (username, password) => {
      const account = accounts.find(username);
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
      if (session === undefined || isOver(session, clock().getTime())) throw refusals.sessionExpired();
      const account = accounts.find(session.username);
      if (account === undefined || account.state === 'suspended' || isLocked(session.username)) {
        throw refusals.userSuspended();
      }
      return account;
    },
    expire: (token) => {
      const session = sessions.get(token);
      sessions.delete(token);
      return session !== undefined && !isOver(session, clock().getTime());
    },
    isLocked,
    unlock: (username) => {
      clear.run(username.toLowerCase());
    },
    unlockAll: () => {
      clearAll.run();
    },
    endAll: () => sessions.clear(),
  };
}
