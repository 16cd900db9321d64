/**
 * Writing all or nothing, and writing together: everything written until somebody waits for it shares a transaction,
 * since a commit costs more than the rows of a message. In memory nothing survives the process, committed or not, so that
 * nobody waits there and many more share one.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Statements } from './statements.ts';

/** Runs `work` so that all of it is written or nothing, within the transaction that is open or in one of its own. */
export function allOrNothing<Result>(database: DatabaseSync, work: () => Result): Result {
  const statements = statementsOf(database);
  statements.run('SAVEPOINT one');
  try {
    return work();
  } catch (error) {
    statements.run('ROLLBACK TO one');
    throw error;
  } finally {
    statements.run('RELEASE one');
  }
}

const known = new WeakMap<DatabaseSync, Statements>();

function statementsOf(database: DatabaseSync): Statements {
  const statements = known.get(database) ?? new Statements(database);
  known.set(database, statements);
  return statements;
}

/**
 * How long writes may stay uncommitted that nobody waits for. A transaction keeps each page as it was, once: in memory, where the
 * rows of hundreds of mailboxes lie all over the place, that costs more than the rows do when it begins anew too often.
 */
const LONGEST_MS = { onDisk: 10, inMemory: 1_000 } as const;

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #place: keyof typeof LONGEST_MS;
  #open: { readonly latest: NodeJS.Timeout; settled?: Promise<void> } | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#place = database.location() === null ? 'inMemory' : 'onDisk';
  }

  /** Runs `work` so that all of it is committed with what else is written at the time, or nothing. */
  atomic<Result>(work: () => Result): Result {
    return this.together(() => allOrNothing(this.#database, work));
  }

  /**
   * Runs `work` so that what it writes is committed with what else is written at the time. A savepoint of its own costs a
   * message a fifth of what its rows do: `work` undoes by itself what it wrote before it throws.
   */
  together<Result>(work: () => Result): Result {
    this.#open ??= this.#begin();
    return work();
  }

  /**
   * Resolves when all that was written before is as safe as it gets: committed, at the end of this turn of the event loop,
   * or at once in memory; an answer that says "written" waits for it.
   */
  settled(): Promise<void> {
    const open = this.#open;
    if (open === undefined || this.#place === 'inMemory') return Promise.resolve();
    open.settled ??= new Promise((resolve) => {
      setImmediate(() => {
        if (this.#open === open) this.commit();
        resolve();
      });
    });
    return open.settled;
  }

  /** Commits what is open, now. */
  commit(): void {
    if (this.#open === undefined) return;
    clearTimeout(this.#open.latest);
    this.#open = undefined;
    statementsOf(this.#database).run('COMMIT');
  }

  #begin(): { readonly latest: NodeJS.Timeout } {
    statementsOf(this.#database).run('BEGIN');
    return { latest: setTimeout(() => this.commit(), LONGEST_MS[this.#place]) };
  }
}
