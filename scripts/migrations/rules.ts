/**
 * What a migration may hold, so that it can be applied while the version before serves (docs/upgrade.md). Read by PostgreSQL's
 * own parser; a kind of statement that is not known to be harmless is refused. Tests only: migrations that are here were held
 * to it when they were written.
 */
import { parse } from 'libpg-query';
import { z } from 'zod';
import { contractedFor, isOlder, parseVersion } from '#lib/schema/contract.ts';
import type { Migration } from './files.ts';
import { faultsOfTableChange } from './table-change.ts';

/**
 * `breaks`: an older version that runs may not live with it; `locks`: it keeps everybody from a table for longer than a moment;
 * `form`: nobody may do it
 */
export interface Fault {
  readonly kind: 'breaks' | 'locks' | 'form';
  readonly what: string;
}

/** Tables that grow with what is imported. Reading all of one takes minutes. */
export const LARGE: ReadonlySet<string> = new Set([
  'attachment',
  'audit_entry',
  'audit_link',
  'delivery',
  'import_counter',
  'item',
  'item_identity',
  'mapping_row',
  'message_twin',
  'recovery_copy',
  'undone',
]);

const relation = z.looseObject({ relname: z.string() });
const statements = z.object({
  stmts: z.array(z.object({ stmt: z.record(z.string(), z.looseObject({})) })).default([]),
});

/** What may always stand in a migration. */
const HARMLESS: ReadonlySet<string> = new Set([
  'AlterEnumStmt',
  'CommentStmt',
  'CreateEnumStmt',
  'CreateFunctionStmt',
  'CreateSeqStmt',
  'CreateTrigStmt',
  'ViewStmt',
]);

/** Functions that do nothing but give a value. What another one does, nobody reads here. */
const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set([
  'count',
  'gen_random_uuid',
  'jsonb_build_object',
  'lower',
  'max',
  'min',
  'now',
]);

const functionCall = z.looseObject({
  funcname: z.array(z.looseObject({ String: z.looseObject({ sval: z.string() }) })),
});

/**
 * Whatever is wrong with a migration, a line each; empty where it may be applied while an older version serves.
 *
 * @param version of this checkout, as in package.json
 */
export async function faultsOf({ name, sql }: Migration, version: string): Promise<string[]> {
  const { stmts } = statements.parse(await parse(sql));
  const file: WholeFile = { made: new Set(), unchecked: new Set(), statements: stmts.length };
  const faults = stmts
    .flatMap(({ stmt }) => Object.entries(stmt))
    .flatMap(([kind, node]) => {
      if (kind === 'CreateStmt') file.made.add(tableOf(node));
      return [[kind, node] as const, ...changesWithin(kind, node)].flatMap(([of, part]) =>
        faultsOfStatement(of, part, file),
      );
    });
  const contract = contractedFor(name);
  const excused = new Set<Fault['kind']>();
  if (contract !== null && /^-- contract: .* unused since \d+\.\d+\.\d+\.?$/m.test(sql)) excused.add('breaks');
  if (/^-- locks: \S/m.test(sql)) excused.add('locks');
  const lines = faults.filter(({ kind }) => !excused.has(kind)).map(({ kind, what }) => `${name} ${kind}: ${what}`);
  if (contract !== null && !isOlder(contract, parseVersion(version))) {
    lines.push(
      `${name} breaks: version ${contract.join('.')} is not older than this one, so the version before it may still run`,
    );
  }
  return lines;
}

/** What statements of one file say together. */
interface WholeFile {
  /** tables that the file itself makes, which nobody uses yet */
  readonly made: Set<string>;
  /** constraints that it adds NOT VALID, each as `table.name` */
  readonly unchecked: Set<string>;
  readonly statements: number;
}

const CHANGES: ReadonlySet<string> = new Set(['DeleteStmt', 'UpdateStmt', 'InsertStmt', 'MergeStmt']);

/** Statements within one, as in a CTE. A function's body is text here, and runs when somebody calls it. */
function changesWithin(kind: string, node: object): [string, object][] {
  return kind === 'CreateFunctionStmt' ? [] : partsOf(node).filter(([of]) => CHANGES.has(of));
}

/** Every object within a node, with the name under which it stands. */
function partsOf(node: object): [string, object][] {
  return Object.entries(node).flatMap(([name, part]): [string, object][] =>
    typeof part === 'object' && part !== null ? [[name, part], ...partsOf(part)] : [],
  );
}

function tableOf(node: object): string {
  return z.looseObject({ relation }).parse(node).relation.relname;
}

function faultsOfStatement(kind: string, node: object, file: WholeFile): Fault[] {
  const { made } = file;
  if (HARMLESS.has(kind) || kind === 'CreateStmt') return [];
  switch (kind) {
    case 'AlterTableStmt':
      return made.has(tableOf(node)) ? [] : faultsOfTableChange(node, tableOf(node), file.unchecked);
    case 'IndexStmt':
      return made.has(tableOf(node)) ? [] : faultsOfIndex(node, file.statements);
    case 'GrantStmt':
      return z.looseObject({ is_grant: z.boolean().default(false) }).parse(node).is_grant
        ? []
        : [{ kind: 'breaks', what: 'REVOKE: an older version may use what is taken away' }];
    case 'SelectStmt':
    case 'InsertStmt':
      return faultsOfCalls(node);
    case 'UpdateStmt':
      return LARGE.has(tableOf(node))
        ? [{ kind: 'locks', what: `UPDATE of ${tableOf(node)}, which is large: let workers do it` }]
        : faultsOfCalls(node);
    case 'RenameStmt':
      return [{ kind: 'form', what: 'RENAME: add, copy, and take away in a later version' }];
    case 'DropStmt':
    case 'DeleteStmt':
    case 'TruncateStmt':
      return [{ kind: 'breaks', what: `${kind.replace('Stmt', '').toUpperCase()}: an older version may still use it` }];
    case 'VariableSetStmt':
      return [{ kind: 'form', what: 'SET: npm run migrate sets what a migration needs' }];
    default:
      return [{ kind: 'form', what: `${kind} is not known to be harmless while others work` }];
  }
}

function faultsOfIndex(node: object, statementsInAll: number): Fault[] {
  const { concurrent, unique } = z
    .looseObject({ concurrent: z.boolean().default(false), unique: z.boolean().default(false) })
    .parse(node);
  const table = tableOf(node);
  const faults: Fault[] = [];
  if (unique)
    faults.push({ kind: 'breaks', what: `a UNIQUE index on ${table} refuses what an older version may write` });
  if (!concurrent && LARGE.has(table)) {
    faults.push({ kind: 'locks', what: `an index on ${table} without CONCURRENTLY keeps everybody from writing` });
  }
  if (concurrent && statementsInAll > 1) {
    faults.push({ kind: 'form', what: 'an index that is made CONCURRENTLY stands alone in its migration' });
  }
  return faults;
}

function faultsOfCalls(node: object): Fault[] {
  return partsOf(node)
    .filter(([part]) => part === 'FuncCall')
    .map(([, call]) => functionCall.parse(call).funcname.at(-1)?.String.sval ?? '')
    .filter((name) => !HARMLESS_FUNCTIONS.has(name))
    .map((name) => ({ kind: 'form', what: `a call of ${name}: what a function does, nobody reads here` }));
}
