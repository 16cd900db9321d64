/**
 * A session at TeleMessage that opens itself when it is needed and again when it is over.
 *
 * Rules of the contract live here. *A client stops at the first 301*: after a refused password the same credentials are
 * never sent again, whoever asks; where there are several processes, their guard sees to that. And calls that run side by
 * side share one sign-in, so that they cannot lock the account together. Nothing is asked in a session of another account
 * than the one that is meant: its items would be taken for this one's.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type SourceAccount, SourceError } from '../source.ts';
import type { TeleMessageEndpoint } from './client.ts';
import { SessionExpired } from './refusals.ts';
import { type Credentials, type SignedIn, signIn } from './sign-in.ts';

/** Lets a sign-in happen, or throws what the same credentials were refused with before. */
export type SignInGuard = (credentials: Credentials, signIn: () => Promise<SignedIn>) => Promise<SignedIn>;

export interface SessionSettings extends TeleMessageEndpoint {
  /** asked at every sign-in, so that the password is in memory only while it is used and an updated one is found */
  readonly credentials: () => Promise<Credentials>;
  /** default: this session remembers what was refused to it */
  readonly guard?: SignInGuard;
  /** the account that the caller means; where it is given, a session of another one is not used */
  readonly accountId?: string;
}

export interface TeleMessageSession {
  readonly endpoint: TeleMessageEndpoint;
  /** Signs in where there is no session yet, and tells whose account it is. */
  account(signal?: AbortSignal): Promise<SourceAccount>;
  /**
   * Runs `call` with a token. Where TeleMessage says that the session is over, signs in once more and runs it again.
   *
   * @throws SourceError
   */
  withToken<T>(call: (token: string) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

interface OpenSession extends SignedIn {
  /** milliseconds on the process's clock */
  readonly renewAt: number;
}

/** A session is renewed a little before its end, so that a page is not asked for with a token that dies on the way. */
const RENEW_BEFORE_MS = 30_000;

export function telemessageSession(settings: SessionSettings): TeleMessageSession {
  const { credentials, accountId, guard = rememberingRefusal(), ...endpoint } = settings;
  let other: SourceError | null = null;
  let current: OpenSession | null = null;
  let opening: Promise<OpenSession> | null = null;

  async function openNow(): Promise<OpenSession> {
    const given = await credentials();
    if (other !== null) throw other;
    const signedIn = await guard(given, () => signIn({ ...endpoint, ...given }));
    if (accountId !== undefined && signedIn.account.id !== accountId) {
      // Whoever gives other credentials opens another session: these would meet the same, however often they are sent.
      other = new SourceError('other_account', 'TeleMessage says that this username is of another account');
      throw other;
    }
    const lifetime = signedIn.expiresIn * 1000;
    return { ...signedIn, renewAt: performance.now() + Math.max(lifetime - RENEW_BEFORE_MS, lifetime / 2) };
  }

  /** The sign-in is shared, so one caller's signal must not end it for the others: it only ends that caller's wait. */
  async function session(signal: AbortSignal | undefined): Promise<OpenSession> {
    signal?.throwIfAborted();
    if (current !== null && performance.now() < current.renewAt) return current;
    opening ??= openNow()
      .then((opened) => {
        current = opened;
        return opened;
      })
      .finally(() => {
        opening = null;
      });
    return untilAborted(opening, signal);
  }

  return {
    endpoint,
    account: async (signal) => (await session(signal)).account,
    async withToken(call, signal) {
      const first = await session(signal);
      try {
        return await call(first.token);
      } catch (error) {
        if (!(error instanceof SessionExpired)) throw error;
      }
      // Another call may have renewed the session meanwhile: then its token is the one to use.
      if (current === first) current = null;
      const second = await session(signal);
      try {
        return await call(second.token);
      } catch (error) {
        if (error instanceof SessionExpired) {
          throw new SourceError('bad_answer', 'TeleMessage refused a session that it had just opened');
        }
        throw error;
      }
    },
  };
}

/** Does not send again what was refused to it. */
export function rememberingRefusal(): SignInGuard {
  const salt = randomBytes(16);
  let refused: { readonly fingerprint: string; readonly error: SourceError } | null = null;
  return async ({ username, password }, attempt) => {
    const fingerprint = createHash('sha256').update(salt).update(`${username}\0${password}`).digest('hex');
    if (refused?.fingerprint === fingerprint) throw refused.error;
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof SourceError && error.failure === 'invalid_credentials') refused = { fingerprint, error };
      throw error;
    }
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
