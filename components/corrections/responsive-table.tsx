import type { ReactNode } from 'react';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';

export interface ResponsiveTableProps {
  readonly label: string;
  readonly columns: readonly CardColumn[];
  /** each with a cell for every column */
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

/** A `CardTable` whose cells are given in the order of its columns. */
export function ResponsiveTable({ label, columns, rows }: ResponsiveTableProps) {
  return (
    <CardTable label={label} columns={columns}>
      {rows.map(({ key, cells }) => (
        <CardRow key={key}>
          {columns.map((column, index) => (
            <CardCell key={column.label} column={column}>
              {cells[index]}
            </CardCell>
          ))}
        </CardRow>
      ))}
    </CardTable>
  );
}
