/** Signing in to an administration account of TeleMessage (`POST /v1/sessions`). */
import { z } from 'zod';
import { type SourceAccount, SourceError } from '../source.ts';
import { callJson, type TeleMessageEndpoint } from './client.ts';
import { SessionExpired } from './refusals.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface SignedIn {
  /** bearer token: a secret, never logged, never kept outside the session */
  readonly token: string;
  /** seconds */
  readonly expiresIn: number;
  readonly account: SourceAccount;
}

const signedInSchema = z.object({
  token: z.string().min(1),
  expiresIn: z.number().int().positive(),
  account: z.object({ id: z.string().min(1), name: z.string() }),
});

/**
 * One attempt, never more: five wrong passwords lock the account, so nobody below or above may repeat an
 * `invalid_credentials` by itself.
 *
 * @throws SourceError with `invalid_credentials` (300, 301), `suspended` (309), `pin_required` (310),
 *   `kind_not_ordered` (320), `throttled` (429, 503; `retryAfterSeconds` where given), `unreachable`, `bad_answer`
 */
export async function signIn(
  endpoint: TeleMessageEndpoint & Credentials & { readonly signal?: AbortSignal | undefined },
): Promise<SignedIn> {
  const { username, password, signal, ...where } = endpoint;
  try {
    return await callJson(
      where,
      { method: 'POST', path: '/v1/sessions', body: { username, password }, signal },
      signedInSchema,
    );
  } catch (error) {
    // A 401 without a code that we know is a refusal of the credentials here: there is no session that could be over.
    if (error instanceof SessionExpired) {
      throw new SourceError('invalid_credentials', 'TeleMessage did not accept this username or password (HTTP 401)');
    }
    throw error;
  }
}
