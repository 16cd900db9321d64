/** What ALTER TABLE may do to a table that is there already, while an older version reads and writes it. */
import { z } from 'zod';
import type { Fault } from './rules.ts';

const constraint = z.looseObject({
  contype: z.string(),
  conname: z.string().optional(),
  skip_validation: z.boolean().default(false),
  raw_expr: z.looseObject({}).optional(),
});
const change = z.looseObject({
  subtype: z.string(),
  name: z.string().optional(),
  def: z
    .looseObject({
      ColumnDef: z
        .looseObject({
          colname: z.string().default(''),
          constraints: z.array(z.object({ Constraint: constraint })).default([]),
        })
        .optional(),
      Constraint: constraint.optional(),
    })
    .optional(),
});
const tableChange = z.looseObject({ cmds: z.array(z.object({ AlterTableCmd: change })) });

type Change = z.infer<typeof change>;
type Constraint = z.infer<typeof constraint>;

/** Without effect on what an older version reads or writes, and done in a moment. */
const HARMLESS: ReadonlySet<string> = new Set(['AT_DropNotNull', 'AT_SetStatistics', 'AT_SetRelOptions']);

/**
 * @param node an AlterTableStmt
 * @param unchecked constraints that the file has added NOT VALID so far, as `table.name`; added to
 */
export function faultsOfTableChange(node: object, table: string, unchecked: Set<string>): Fault[] {
  const changes = tableChange.parse(node).cmds.map(({ AlterTableCmd }) => AlterTableCmd);
  const added = new Map(
    changes.flatMap(({ def }) => (def?.Constraint ? [[def.Constraint.conname, def.Constraint]] : [])),
  );
  for (const name of added.keys()) unchecked.add(`${table}.${name}`);
  return changes.flatMap((one) => faultsOfChange(one, added, unchecked.has(`${table}.${one.name}`)));
}

/** @param isUnchecked the file itself adds the constraint of that name, and holds its lock while it is checked */
function faultsOfChange(
  { subtype, name, def }: Change,
  added: ReadonlyMap<string | undefined, Constraint>,
  isUnchecked: boolean,
): Fault[] {
  if (HARMLESS.has(subtype)) return [];
  switch (subtype) {
    case 'AT_AddColumn':
      return def?.ColumnDef
        ? faultsOfColumn(
            def.ColumnDef.colname,
            def.ColumnDef.constraints.map(({ Constraint }) => Constraint),
          )
        : [];
    case 'AT_AddConstraint':
      return def?.Constraint ? faultsOfConstraint(def.Constraint) : [];
    case 'AT_ColumnDefault':
      return def ? [] : [{ kind: 'breaks', what: `DROP DEFAULT of ${name}: an older version may rely on it` }];
    case 'AT_ValidateConstraint':
      return isUnchecked ? [{ kind: 'locks', what: `${name} is checked in a migration of its own` }] : [];
    case 'AT_DropConstraint':
      // A list of values that grows: the rule is replaced by a wider one.
      return added.get(name)?.contype === 'CONSTR_CHECK' ? [] : [{ kind: 'breaks', what: `DROP CONSTRAINT ${name}` }];
    case 'AT_DropColumn':
    case 'AT_SetNotNull':
      return [
        { kind: 'breaks', what: `${subtype.slice(3)} ${name}: an older version may still use it, or leave it empty` },
      ];
    case 'AT_AlterColumnType':
      return [
        {
          kind: 'form',
          what: `another type of ${name}: add a column, copy, and take the old one away in a later version`,
        },
      ];
    default:
      return [{ kind: 'form', what: `${subtype} is not known to be harmless while others work` }];
  }
}

function faultsOfColumn(column: string, constraints: readonly Constraint[]): Fault[] {
  const kinds = new Set(constraints.map(({ contype }) => contype));
  const value = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const faults: Fault[] = [];
  if (kinds.has('CONSTR_NOTNULL') && value === undefined) {
    faults.push({ kind: 'breaks', what: `${column} NOT NULL without a DEFAULT: an older version does not give it` });
  }
  if (value !== undefined && !isConstant(value)) {
    faults.push({
      kind: 'locks',
      what: `the DEFAULT of ${column} is computed for every row: the table is written anew`,
    });
  }
  for (const kind of ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_CHECK', 'CONSTR_GENERATED', 'CONSTR_IDENTITY']) {
    if (kinds.has(kind))
      faults.push({ kind: 'locks', what: `${kind.slice(7)} with the new column ${column} reads the whole table` });
  }
  return faults;
}

function faultsOfConstraint({ contype, conname = contype, skip_validation }: Constraint): Fault[] {
  if (contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') {
    return skip_validation ? [] : [{ kind: 'locks', what: `${conname} without NOT VALID reads the whole table` }];
  }
  return [{ kind: 'breaks', what: `${conname} may refuse what an older version writes` }];
}

/** A literal, with or without its type, or the time of the transaction: the rows that are there are not written. */
function isConstant(value: object): boolean {
  if ('A_Const' in value) return true;
  if ('SQLValueFunction' in value) return true;
  const cast = z.looseObject({ TypeCast: z.looseObject({ arg: z.looseObject({}) }) }).safeParse(value);
  if (cast.success) return isConstant(cast.data.TypeCast.arg);
  const call = z
    .looseObject({
      FuncCall: z.looseObject({ funcname: z.array(z.looseObject({ String: z.object({ sval: z.string() }) })) }),
    })
    .safeParse(value);
  return call.success && call.data.FuncCall.funcname.at(-1)?.String.sval === 'now';
}
