/** What PostgreSQL did to answer a statement, for tests of what is read. */
import type { Queryable } from '#lib/db.ts';

export interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Runs a statement. @returns every node of its plan, what a node is made of after it */
export async function planOf(database: Queryable, sql: string, values: unknown[]): Promise<PlanNode[]> {
  const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
    values,
  );
  return rows.flatMap((row) => withInner(row['QUERY PLAN'][0].Plan));
}

function withInner(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withInner)];
}

/** Rows that a node looked at, those that it left out among them. */
export function rowsRead(node: PlanNode): number {
  return (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
}
