/** Which mailboxes the application is meant to open in an organization: as its connectors were set up, unless a flag says it. */
import type pg from 'pg';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';
import { codeOf, type Finding } from './finding.ts';

export interface MeantMailboxes {
  readonly mode: ConsentMode;
  /** to be opened; none: some of the directory */
  readonly inside: readonly string[];
  /** to be refused; null where none is known */
  readonly outside: string | null;
}

interface Row {
  readonly name: string;
  readonly consent_mode: ConsentMode;
  readonly inside_mailbox: string | null;
  readonly outside_mailbox: string | null;
}

/**
 * @param given addresses of `--mailbox`
 * @param isChosen `--chosen-mailboxes`: before the first connector nothing else knows
 * @returns with what to tell of it; null where there is nothing to tell
 */
export async function meantMailboxes(
  pool: Pick<pg.Pool, 'query'>,
  organizationId: string,
  given: readonly string[],
  isChosen: boolean,
): Promise<MeantMailboxes & { readonly finding: Finding | null }> {
  const about = `Organization ${organizationId}: which mailboxes`;
  try {
    const { rows } = await pool.query<Row>(
      `SELECT name, consent_mode, inside_mailbox, outside_mailbox FROM connector
        WHERE organization_id = $1 AND status = 'live' ORDER BY consent_mode = 'chosen' DESC, finished_at DESC`,
      [organizationId],
    );
    const [limited] = rows.filter(({ consent_mode }) => consent_mode === 'chosen');
    if (limited === undefined) return { ...ofFlag(given, isChosen), finding: null };
    const { inside_mailbox: inside, outside_mailbox: outside } = limited;
    const meant = { mode: 'chosen', inside: inside === null ? given : [inside, ...given], outside } as const;
    const others = rows.filter(({ consent_mode }) => consent_mode === 'all').map(({ name }) => name);
    const found = `Only chosen ones, by "${limited.name}": ${inside ?? 'none'} is inside, ${outside ?? 'none'} outside.`;
    if (others.length === 0) return { ...meant, finding: { about, result: 'well', found } };
    const toDo = `${others.map((name) => `"${name}"`).join(', ')}: set up for all mailboxes. It is one application with one scope: set all of them to chosen mailboxes, or all to all, on their Settings.`;
    return { ...meant, finding: { about, result: 'beware', found, toDo } };
  } catch (error) {
    const toDo = 'See what is said of PostgreSQL. Here it is checked as the options say.';
    const found = `The database does not tell (${codeOf(error)}).`;
    return { ...ofFlag(given, isChosen), finding: { about, result: 'not_checked', found, toDo } };
  }
}

function ofFlag(given: readonly string[], isChosen: boolean): MeantMailboxes {
  return { mode: isChosen ? 'chosen' : 'all', inside: given, outside: null };
}
