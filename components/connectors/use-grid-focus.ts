'use client';

import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { placeAfterKey } from './grid-keys.ts';

/** The row of a grid's header, among the keys of its rows. */
export const HEADER = 'header';

/** A cell, by the key of its row and the name of its column. */
export interface Cell {
  readonly row: string;
  readonly column: string;
}

interface GridFocusOptions {
  readonly grid: RefObject<HTMLElement | null>;
  /** keys of all rows, in their order, also of those that are not drawn */
  readonly rows: readonly string[];
  /** names of the columns, in their order */
  readonly columns: readonly string[];
  /** brings a row into view, which draws it */
  readonly scrollTo: (index: number) => void;
}

export interface GridFocus {
  /** where the focus is or was: this row stays drawn, this cell is where the Tab key stops. Null: the first in view */
  readonly current: Cell | null;
  readonly focus: (cell: Cell) => void;
  readonly handlers: {
    readonly onKeyDown: (event: KeyboardEvent) => void;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: () => void;
  };
}

/**
 * The focus of a grid: one stop for the Tab key, keys move inside, rows may be drawn or not. Elements say where they are:
 * `data-row` on a row, `data-column` on a cell. What a cell has to press has the focus for it. Where the row that has the
 * focus is taken away, the one that comes to stand in its place has it.
 */
export function useGridFocus({ grid, rows, columns, scrollTo }: GridFocusOptions): GridFocus {
  const [current, setCurrent] = useState<Cell | null>(null);
  const wanted = useRef<Cell | null>(null);
  const held = useRef(false);
  const index = current === null || current.row === HEADER ? -1 : rows.indexOf(current.row);
  const lastIndex = useRef(0);

  function focus(cell: Cell): void {
    wanted.current = cell;
    setCurrent(cell);
    const at = rows.indexOf(cell.row);
    if (at >= 0) scrollTo(at);
  }

  // A row that was not drawn yet is drawn first, and then has the focus.
  useEffect(() => {
    if (wanted.current === null) return;
    const element = elementOf(grid.current, wanted.current);
    if (element === null) return;
    wanted.current = null;
    element.focus({ preventScroll: true });
  });

  // React tells of no blur when it takes the focused element away itself.
  useLayoutEffect(() => {
    if (index >= 0) lastIndex.current = index;
    if (!held.current || wanted.current !== null || current === null || !focusIsLost()) return;
    const row = current.row === HEADER || index >= 0 ? current.row : rows[Math.min(lastIndex.current, rows.length - 1)];
    const column = columns.includes(current.column) ? current.column : columns[0];
    if (row !== undefined && column !== undefined) focus({ row, column });
  });

  function onKeyDown(event: KeyboardEvent): void {
    if (event.metaKey || event.altKey || event.shiftKey) return;
    // Keys may come faster than rows are drawn.
    const from = wanted.current ?? cellOf(event.target);
    if (from === null) return;
    const place = { row: rows.indexOf(from.row), column: columns.indexOf(from.column) };
    const header = grid.current?.querySelector<HTMLElement>(`[data-row="${HEADER}"]`)?.offsetParent != null;
    const to = placeAfterKey(place, event.key, event.ctrlKey, { rows: rows.length, columns: columns.length, header });
    if (to === null) return;
    event.preventDefault();
    focus({ row: rows[to.row] ?? HEADER, column: columns[to.column] ?? '' });
  }

  function onFocus({ target }: FocusEvent): void {
    held.current = true;
    const cell = cellOf(target);
    if (cell !== null && wanted.current === null) setCurrent(cell);
  }

  function onBlur(): void {
    held.current = false;
  }

  return { current, focus, handlers: { onKeyDown, onFocus, onBlur } };
}

export function focusIsLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function cellOf(target: EventTarget): Cell | null {
  if (!(target instanceof Element)) return null;
  const row = target.closest<HTMLElement>('[data-row]')?.dataset.row;
  const column = target.closest<HTMLElement>('[data-column]')?.dataset.column;
  return row === undefined || column === undefined ? null : { row, column };
}

/** What a cell has to press, or the cell. */
function elementOf(grid: HTMLElement | null, { row, column }: Cell): HTMLElement | null {
  const cell = grid?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row)}"] [data-column="${column}"]`);
  return cell?.querySelector<HTMLElement>('a, button, [role="button"]') ?? cell ?? null;
}
