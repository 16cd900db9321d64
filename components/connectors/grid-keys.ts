/** Where the keys of a grid lead (ARIA Authoring Practices, Grid pattern, layout of data). Pure. */

/** Rows and columns from 0; row -1 is the header. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** where rows are cards there is none to go to */
  readonly header: boolean;
}

const A_PAGE = 10;

/** The place to which a key leads, within the grid; null where the key is none of its own. */
export function placeAfterKey({ row, column }: Place, key: string, control: boolean, size: GridSize): Place | null {
  const to = (r: number, c: number, first = size.header ? -1 : 0): Place => ({
    row: Math.max(first, Math.min(r, size.rows - 1)),
    column: Math.max(0, Math.min(c, size.columns - 1)),
  });
  if (control && key !== 'Home' && key !== 'End') return null;
  switch (key) {
    case 'ArrowDown':
      return to(row + 1, column);
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'PageDown':
      return to(row + A_PAGE, column);
    case 'PageUp':
      return to(row - A_PAGE, column, Math.min(row, 0));
    case 'Home':
      return control ? to(0, 0) : to(row, 0);
    case 'End':
      return control ? to(size.rows - 1, size.columns - 1) : to(row, size.columns - 1);
    default:
      return null;
  }
}
