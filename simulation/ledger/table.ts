/**
 * A table in memory: rows with checks, unique keys and indexes, and a journal by which a question that fails leaves
 * nothing behind. A violated constraint throws, as in PostgreSQL.
 */

/** SQLSTATE: unique, check, exclusion and foreign key violation, and what a trigger of ours raises. */
type ConstraintCode = '23505' | '23514' | '23P01' | '23503' | 'P0001';

/** A CHECK or a unique index refuses a row. `constraint` is its name in the migration. */
export class ConstraintError extends Error {
  override name = 'ConstraintError';
  readonly constraint: string;
  readonly code: ConstraintCode;

  constructor(constraint: string, code: ConstraintCode) {
    super(`violates constraint ${constraint}`);
    this.constraint = constraint;
    this.code = code;
  }
}

/** What was done since the last `commit`, so that it can be undone. */
export class Journal {
  #undo: (() => void)[] = [];

  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  commit(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }
}

/** Null: the row is not in the index (a partial index, or a NULL among the columns). */
type KeyOf<R> = (row: R) => string | null;

export interface TableRules<R, U extends string, I extends string> {
  /** CHECK constraints, by name */
  readonly checks?: Readonly<Record<string, (row: R) => boolean>>;
  readonly unique: Readonly<Record<U, KeyOf<R>>>;
  readonly indexes?: Readonly<Record<I, KeyOf<R>>>;
}

type Keys = readonly (string | null)[];

export class Table<R extends object, U extends string, I extends string = never> implements Iterable<Readonly<R>> {
  readonly #journal: Journal;
  readonly #rows = new Set<R>();
  readonly #checks: readonly (readonly [string, (row: R) => boolean])[];
  readonly #unique: readonly (readonly [string, KeyOf<R>])[];
  readonly #byUnique: ReadonlyMap<string, Map<string, R>>;
  readonly #indexes: readonly (readonly [string, KeyOf<R>])[];
  readonly #byIndex: ReadonlyMap<string, Map<string, Set<R>>>;

  constructor(journal: Journal, rules: TableRules<R, U, I>) {
    this.#journal = journal;
    this.#checks = Object.entries(rules.checks ?? {});
    this.#unique = Object.entries<KeyOf<R>>(rules.unique);
    this.#byUnique = new Map(this.#unique.map(([name]) => [name, new Map()]));
    this.#indexes = Object.entries<KeyOf<R>>(rules.indexes ?? {});
    this.#byIndex = new Map(this.#indexes.map(([name]) => [name, new Map()]));
  }

  [Symbol.iterator](): Iterator<Readonly<R>> {
    return this.#rows.values();
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The row with this key of a unique index. */
  find(unique: U, key: string): Readonly<R> | undefined {
    return this.#byUnique.get(unique)?.get(key);
  }

  /** The rows with this key of an index, as they are now: changing them does not change the list. */
  with(index: I, key: string): readonly Readonly<R>[] {
    const rows = this.#byIndex.get(index)?.get(key);
    return rows === undefined ? [] : [...rows];
  }

  /** @throws ConstraintError */
  insert(row: R): Readonly<R> {
    const unique = keysOf(this.#unique, row);
    this.#refuse(row, [], unique);
    const keys = keysOf(this.#indexes, row);
    this.#rows.add(row);
    this.#enter(row, unique, keys);
    this.#journal.note(() => {
      this.#rows.delete(row);
      this.#leave(row, unique, keys);
    });
    return row;
  }

  /** @throws ConstraintError; the row stays as it was */
  update(row: Readonly<R>, changes: Partial<R>): void {
    // The rows are this table's own; nobody else writes them.
    const own = row as R;
    const before: Partial<R> = {};
    for (const column of Object.keys(changes) as (keyof R)[]) before[column] = own[column];
    const unique = keysOf(this.#unique, own);
    const keys = keysOf(this.#indexes, own);
    Object.assign(own, changes);
    const uniqueAfter = keysOf(this.#unique, own);
    try {
      this.#refuse(own, unique, uniqueAfter);
    } catch (error) {
      Object.assign(own, before);
      throw error;
    }
    const keysAfter = keysOf(this.#indexes, own);
    this.#move(own, [unique, keys], [uniqueAfter, keysAfter]);
    this.#journal.note(() => {
      Object.assign(own, before);
      this.#move(own, [uniqueAfter, keysAfter], [unique, keys]);
    });
  }

  delete(row: Readonly<R>): void {
    const own = row as R;
    const unique = keysOf(this.#unique, own);
    const keys = keysOf(this.#indexes, own);
    this.#rows.delete(own);
    this.#leave(own, unique, keys);
    this.#journal.note(() => {
      this.#rows.add(own);
      this.#enter(own, unique, keys);
    });
  }

  #refuse(row: R, before: Keys, after: Keys): void {
    for (const [name, holds] of this.#checks) if (!holds(row)) throw new ConstraintError(name, '23514');
    this.#unique.forEach(([name], index) => {
      const key = after[index];
      if (key == null || key === before[index]) return;
      if (this.#byUnique.get(name)?.has(key)) throw new ConstraintError(name, '23505');
    });
  }

  #move(row: R, [unique, keys]: readonly [Keys, Keys], [uniqueAfter, keysAfter]: readonly [Keys, Keys]): void {
    if (!same(unique, uniqueAfter) || !same(keys, keysAfter)) {
      this.#leave(row, unique, keys);
      this.#enter(row, uniqueAfter, keysAfter);
    }
  }

  #enter(row: R, unique: Keys, keys: Keys): void {
    this.#unique.forEach(([name], index) => {
      const key = unique[index];
      if (key != null) this.#byUnique.get(name)?.set(key, row);
    });
    this.#indexes.forEach(([name], index) => {
      const key = keys[index];
      const rows = this.#byIndex.get(name);
      if (key == null || rows === undefined) return;
      const of = rows.get(key);
      if (of === undefined) rows.set(key, new Set([row]));
      else of.add(row);
    });
  }

  #leave(row: R, unique: Keys, keys: Keys): void {
    this.#unique.forEach(([name], index) => {
      const key = unique[index];
      if (key != null) this.#byUnique.get(name)?.delete(key);
    });
    this.#indexes.forEach(([name], index) => {
      const key = keys[index];
      if (key != null) this.#byIndex.get(name)?.get(key)?.delete(row);
    });
  }
}

function keysOf<R>(indexes: readonly (readonly [string, KeyOf<R>])[], row: R): Keys {
  return indexes.map(([, keyOf]) => keyOf(row));
}

function same(one: Keys, other: Keys): boolean {
  return one.every((key, index) => key === other[index]);
}
