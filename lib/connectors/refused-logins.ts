/**
 * TeleMessage locks an account at the fifth wrong password, and anybody may type one: in the wizard, in the settings, by
 * lifting a stop again and again. So refusals are counted by organization and username, whoever caused them, and before
 * the third is long ago nothing is sent for that username.
 */
import { SourceError } from '../archive/source.ts';
import type { SignInGuard } from '../archive/telemessage/session.ts';
import type { Limits } from '../limits/limits.ts';

/**
 * A guard that counts, around another one.
 *
 * @returns throws `login_paused` with the time to wait where too many were refused, or where Redis cannot tell
 */
export function countingRefusals(limits: Limits, organizationId: string, guard: SignInGuard): SignInGuard {
  return async (credentials, signIn) => {
    const by = [organizationId, credentials.username.trim().toLowerCase()] as const;
    return guard(credentials, async () => {
      // Counted before, so that several at once are not all let through.
      const taken = await limits.take('refused-login', ...by);
      if (!taken.allowed) {
        throw new SourceError('login_paused', 'this username was refused too often', taken.retryAfterSeconds);
      }
      try {
        const signedIn = await signIn();
        // TeleMessage begins to count anew, too.
        await limits.forget('refused-login', ...by);
        return signedIn;
      } catch (error) {
        const isRefusal = error instanceof SourceError && error.failure === 'invalid_credentials';
        if (!isRefusal) await limits.giveBack('refused-login', ...by);
        throw error;
      }
    });
  };
}
