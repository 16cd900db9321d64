/**
 * Five wrong passwords lock an account at the source, and many sign in: every worker, and the portal where somebody
 * looks at a connector. So for one connector they sign in one after another, and who comes after a refusal is told of it
 * instead of trying the same password again. Both is in the connector's row, on PostgreSQL's clock.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SourceError } from '../archive/source.ts';
import type { SignInGuard } from '../archive/telemessage/session.ts';

/** Longer than any sign-in takes. A process that died or sleeps holds the others up for so long. */
const HELD_SECONDS = 90;
const LOOK_AGAIN_MS = 150;
/** Whoever waits for longer gives up for now. */
const PATIENCE_MS = 20_000;

/** @param passwordSealed names the password: an updated one is sealed anew and may be tried */
export function signInGuard(
  pool: pg.Pool,
  { id, passwordSealed }: { readonly id: string; readonly passwordSealed: string },
): SignInGuard {
  return async (_credentials, signIn) => {
    const turn = await takeTurn(pool, id, passwordSealed);
    try {
      const signedIn = await signIn();
      await endTurn(pool, id, turn);
      return signedIn;
    } catch (error) {
      const refused = error instanceof SourceError && error.failure === 'invalid_credentials';
      if (refused) await noteRefusal(pool, id, passwordSealed);
      await endTurn(pool, id, turn);
      throw error;
    }
  };
}

/** @returns the turn, by its end */
async function takeTurn(pool: pg.Pool, id: string, passwordSealed: string): Promise<string> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await sleep(LOOK_AGAIN_MS)) {
    const { rows } = await pool.query<{ turn: string }>(
      `UPDATE connector SET signing_in_until = now() + make_interval(secs => $3)
       WHERE id = $1 AND refused_password_sealed IS DISTINCT FROM $2
         AND (signing_in_until IS NULL OR signing_in_until <= now())
       RETURNING signing_in_until::text AS turn`,
      [id, passwordSealed, HELD_SECONDS],
    );
    if (rows[0]) return rows[0].turn;
    const { rowCount } = await pool.query('SELECT 1 FROM connector WHERE id = $1 AND refused_password_sealed = $2', [
      id,
      passwordSealed,
    ]);
    if (rowCount === 1) throw new SourceError('invalid_credentials', 'TeleMessage has refused this password before');
  }
  throw new SourceError('unreachable', 'somebody else has been signing in to TeleMessage for too long');
}

async function endTurn(pool: pg.Pool, id: string, turn: string): Promise<void> {
  await pool.query(
    'UPDATE connector SET signing_in_until = NULL WHERE id = $1 AND signing_in_until = $2::timestamptz(3)',
    [id, turn],
  );
}

async function noteRefusal(pool: pg.Pool, id: string, passwordSealed: string): Promise<void> {
  await pool.query('UPDATE connector SET refused_password_sealed = $2 WHERE id = $1 AND password_sealed = $2', [
    id,
    passwordSealed,
  ]);
}
