/**
 * Copies that may be in their mailbox already although this ledger knows nothing of it: it was restored since (`lib/recovery`).
 * What reached the source before that is looked for before it is sent for the first time, whenever that is and for whatever
 * reason: collected again, mapped, retried, or owed in another's place. SQL over the copy `d`; what does not depend on it is
 * read once a statement.
 */

const LAST = (column: 'id' | 'doubtful_until'): string => `(SELECT ${column} FROM recovery ORDER BY id DESC LIMIT 1)`;

/** Whether it is to be looked for first. Null and false, where the database was never restored, are no. */
export const TO_BE_SOUGHT = `(d.archived_at < ${LAST('doubtful_until')} AND d.sought < ${LAST('id')})`;

/** Nothing that was sent in the life that was lost can take effect any more. */
export const lostLifeIsQuiet = (lateCommitSeconds: `$${number}`): string =>
  `(SELECT found_at FROM recovery ORDER BY id DESC LIMIT 1) <= now() - make_interval(secs => ${lateCommitSeconds})`;

/** What a copy says from now on that was looked for twice and is not there. */
export const SOUGHT_NOW = `coalesce(${LAST('id')}, 0)`;
