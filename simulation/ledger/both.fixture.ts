/** PostgreSQL's ledger and the model, asked the same and compared: their answers, their refusals and their tables. */
import pg from 'pg';
import { expect } from 'vitest';
import { checkKept } from '#lib/imports/kept.fixture.ts';
import { type Ledger, postgresLedger } from '#lib/imports/ledger.ts';
import { PageConflictError } from '#lib/imports/store/collect.ts';
import { type ClockedDatabase, clockedDatabase } from './clocked-database.fixture.ts';
import { createModelLedger, type ModelLedger } from './ledger.ts';
import { ConstraintError } from './table.ts';

/** Tables of the model, and of PostgreSQL the same. Mapping versions are compared by `owedContext`. */
const TABLES = {
  organizations: 'organization',
  sources: 'source',
  sourceUsers: 'source_user',
  connectors: 'connector',
  directory: 'directory_entry',
  folders: 'mailbox_folder',
  pauses: 'mailbox_pause',
  windows: 'import_window',
  imports: 'import',
  counters: 'import_counter',
  connectorCounters: 'connector_counter',
  identities: 'item_identity',
  items: 'item',
  deliveries: 'delivery',
  attachments: 'attachment',
  twins: 'message_twin',
  changes: 'item_change',
  leases: 'shard_lease',
  uploadSessions: 'upload_session',
  signOffs: 'sign_off',
  alerts: 'alert',
  audit: 'audit_entry',
} as const;

/** What triggers write into the audit log beside is not the ledger's own. */
const ROWS_OF: Readonly<Record<string, string>> = { audit_entry: `action = 'message.surplus-removed'` };

/** Answers whose order means something and is not settled by chance among equals. */
const ORDERED: ReadonlySet<keyof Ledger> = new Set([
  'connectorsToPlan',
  'reserveIds',
  'waitingCopies',
  'doubtedDeliveries',
]);

/** Lists within answers that are in no order. */
const UNORDERED: ReadonlySet<string> = new Set(['importIds', 'states']);

/** Answers with ids that are random in PostgreSQL. */
const NEW_IMPORTS: ReadonlySet<keyof Ledger> = new Set(['openWindows', 'reopenWindow']);

type Question = keyof Ledger;
type Answer<N extends Question> = Awaited<ReturnType<Ledger[N]>>;
type Outcome<T> = { readonly answer: T } | { readonly refused: string };

export class Both {
  readonly pool: pg.Pool;
  readonly model: ModelLedger;
  readonly #database: ClockedDatabase;
  readonly postgres: Ledger;
  #now: Date;
  /** what was asked, for the message of a failure */
  readonly asked: string[] = [];
  /** which questions were asked at all */
  readonly questions = new Set<Question>();

  private constructor(database: ClockedDatabase, now: Date) {
    this.#database = database;
    this.#now = now;
    this.pool = database.pool;
    this.postgres = postgresLedger(database.pool);
    this.model = createModelLedger({ now: () => this.#now });
  }

  static async start(now: Date): Promise<Both> {
    return new Both(await clockedDatabase(now), now);
  }

  get now(): Date {
    return this.#now;
  }

  async advance(milliseconds: number): Promise<void> {
    this.#now = new Date(this.#now.getTime() + milliseconds);
    await this.#database.setNow(this.#now);
  }

  get allQuestions(): readonly Question[] {
    return Object.keys(this.postgres) as Question[];
  }

  /** Asks both. @returns PostgreSQL's answer; null where both refused */
  async ask<N extends Question>(name: N, ...args: Parameters<Ledger[N]>): Promise<Answer<N> | null> {
    this.questions.add(name);
    this.asked.push(`${this.#now.toISOString()} ${name} ${JSON.stringify(args)}`);
    const call = (ledger: Ledger) =>
      outcomeOf(() => (ledger[name] as (...rest: unknown[]) => Promise<Answer<N>>)(...args));
    const [real, modelled] = [await call(this.postgres), await call(this.model)];
    if ('answer' in real && 'answer' in modelled && NEW_IMPORTS.has(name)) {
      await this.#alignIds(name, real.answer, modelled.answer);
      return modelled.answer;
    }
    const compared = (outcome: Outcome<Answer<N>>): unknown =>
      'answer' in outcome ? comparable(outcome.answer, ORDERED.has(name)) : outcome;
    expect(compared(modelled), this.#told(name)).toEqual(compared(real));
    return 'answer' in real ? inOrder(real.answer, ORDERED.has(name)) : null;
  }

  async #alignIds(name: Question, real: unknown, modelled: unknown): Promise<void> {
    const list = (answer: unknown) => (Array.isArray(answer) ? answer : answer === null ? [] : [answer]);
    const [from, to] = [list(real), list(modelled)];
    expect(to.length, this.#told(name)).toBe(from.length);
    await this.alignImports(from, to);
  }

  /** An import is given a random id in PostgreSQL; before anything refers to it, it takes the model's. */
  async alignImports(real: readonly string[], modelled: readonly string[]): Promise<void> {
    expect(modelled.length).toBe(real.length);
    await this.pool.query(
      'UPDATE import SET id = t.model FROM unnest($1::uuid[], $2::uuid[]) AS t (real, model) WHERE id = t.real',
      [real, modelled],
    );
  }

  /** Compares all rows of all tables, and what PostgreSQL keeps beside them. */
  async compareTables(): Promise<void> {
    await checkKept(this.pool);
    const { rows } = await this.pool.query<{ table: string; row: Record<string, unknown> }>(
      Object.values(TABLES)
        .map(
          (table) => `SELECT '${table}' AS table, to_jsonb(t) AS row FROM ${table} t WHERE ${ROWS_OF[table] ?? 'true'}`,
        )
        .join(' UNION ALL '),
    );
    const real = Map.groupBy(rows, ({ table }) => table);
    for (const [name, table] of Object.entries(TABLES)) {
      const modelled = [...this.model.tables[name as keyof typeof TABLES]].map((row) => columnsOf(row));
      const columns = modelled[0] === undefined ? null : Object.keys(modelled[0]);
      const there = (real.get(table) ?? []).map(({ row }) => comparableRow(row, columns));
      expect(modelled.map((row) => comparableRow(row, columns)).sort(), this.#told(table)).toEqual(there.sort());
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #told(what: string): string {
    return `${what}; asked before:\n${this.asked.slice(-12).join('\n')}`;
  }
}

async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (error instanceof PageConflictError) return { refused: error.name };
    if (error instanceof ConstraintError || error instanceof pg.DatabaseError) return { refused: String(error.code) };
    throw error;
  }
}

/** In an order that chance among equals does not settle, so that a seed goes on alike each time. */
function inOrder<T>(answer: T, ordered: boolean): T {
  if (!Array.isArray(answer) || ordered) return answer;
  const textOf = (one: unknown): string => JSON.stringify(plainOf(one));
  return answer.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) as T;
}

function comparable(answer: unknown, ordered: boolean): unknown {
  const plain = plainOf(answer);
  return Array.isArray(plain) && !ordered ? plain.map((one) => JSON.stringify(one)).sort() : plain;
}

/** Maps and sets without their order, dates and bytes as text, `undefined` as nothing. */
function plainOf(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, one]) => [String(key), plainOf(one)]).sort());
  if (value instanceof Set) return [...value].map(String).sort();
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    members.map(([name, one]) => [name, UNORDERED.has(name) && Array.isArray(one) ? [...one].sort() : plainOf(one)]),
  );
}

/** A row of the model by the names of its columns. */
function columnsOf(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(\+00:00|Z)$/;

function comparableRow(row: Readonly<Record<string, unknown>>, columns: readonly string[] | null): string {
  const names = columns ?? Object.keys(row);
  return JSON.stringify(names.toSorted().map((name) => [name, scalarOf(plainOf(row[name]))]));
}

/** Numbers and times as one text each: PostgreSQL's JSON writes bigints as numbers and times with an offset. */
function scalarOf(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && TIME.test(value)) return new Date(value).toISOString();
  if (Array.isArray(value)) return value.map(scalarOf);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, scalarOf(one)]);
  return value;
}
