/**
 * Writing all or nothing, and writing together: everything written in one turn of the event loop shares a transaction,
 * since a commit costs more than the rows of a message.
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

export class GroupCommit {
  readonly #database: DatabaseSync;
  #group: Promise<void> | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Runs `work` so that all of it is committed with this turn of the event loop, or nothing. */
  atomic<Result>(work: () => Result): Result {
    this.#group ??= this.#open();
    return allOrNothing(this.#database, work);
  }

  /** Resolves when all that was written before is committed; an answer that says "written" waits for it. */
  async settled(): Promise<void> {
    await this.#group;
  }

  /** Commits what is open, now. */
  commit(): void {
    if (this.#group === undefined) return;
    this.#group = undefined;
    statementsOf(this.#database).run('COMMIT');
  }

  #open(): Promise<void> {
    statementsOf(this.#database).run('BEGIN');
    return new Promise((resolve) => {
      setImmediate(() => {
        this.commit();
        resolve();
      });
    });
  }
}
