'use client';

import { TableBody } from '@fluentui/react-components';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

/** Of a row before it was seen: one line of the wide table, with its paddings and border. */
const USUAL_HEIGHT = 49;
/** What the server draws, which does not know the window; rows beyond the edge are drawn before they are scrolled to. */
const FIRST_VIEW = { width: 1440, height: 1_000 };
const BEYOND = 8;
const A_PAGE = 10;

export interface RowsInViewProps<T> {
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** of what is around each row: room between rows is a part of their height */
  readonly placeClassName?: string | undefined;
  /** `tabIndex` belongs on the row's own element, with `data-row`: the Tab key stops at one row, arrows go to the others */
  readonly children: (row: T, index: number, tabIndex: 0 | -1) => ReactNode;
}

/**
 * The rows that the window shows, and no others, however many there are: in their place on the page, so that the window
 * scrolls as if all were there. Arrow keys, Home, End and the page keys go from row to row. The row that has the focus
 * stays, wherever somebody scrolls to, and so does the focus.
 */
export function RowsInView<T>({ rows, keyOf, placeClassName, children }: RowsInViewProps<T>) {
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [current, setCurrent] = useState<string | null>(null);
  const currentIndex = current === null ? -1 : rows.findIndex((row) => keyOf(row) === current);
  const virtual = useWindowVirtualizer<HTMLElement>({
    count: rows.length,
    estimateSize: () => USUAL_HEIGHT,
    getItemKey: (index) => keyOf(rows[index] as T),
    overscan: BEYOND,
    scrollMargin: top,
    initialRect: FIRST_VIEW,
    initialOffset: 0,
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const seen = defaultRangeExtractor(range);
        if (currentIndex < 0 || seen.includes(currentIndex)) return seen;
        return [...seen, currentIndex].sort((a, b) => a - b);
      },
      [currentIndex],
    ),
  });

  // What stands above the rows moves them: a notice, a filter that wraps.
  useLayoutEffect(() => {
    const measure = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // A row that was not drawn yet is drawn first, and then has the focus.
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const row = rowElement(body.current, wanted.current);
    if (row === null) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });

  function goTo(index: number): void {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (row === undefined) return;
    wanted.current = keyOf(row);
    setCurrent(wanted.current);
    virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    const from = target === null ? -1 : rows.findIndex((row) => keyOf(row) === target.dataset.row);
    const to = from < 0 ? undefined : STEPS[event.key]?.(from, rows.length);
    if (to === undefined) return;
    event.preventDefault();
    goTo(to);
  }

  const items = virtual.getVirtualItems();
  const tabStop = currentIndex >= 0 ? currentIndex : (items[0]?.index ?? 0);
  let end = top;
  return (
    <TableBody
      ref={body}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => setCurrent(target.closest<HTMLElement>('[data-row]')?.dataset.row ?? null)}
    >
      {items.map((item) => {
        const gap = item.start - end;
        end = item.end;
        const row = rows[item.index] as T;
        return (
          <Fragment key={item.key}>
            {gap > 0 ? <div role="presentation" style={{ height: gap }} /> : null}
            <div ref={virtual.measureElement} data-index={item.index} role="presentation" className={placeClassName}>
              {children(row, item.index, item.index === tabStop ? 0 : -1)}
            </div>
          </Fragment>
        );
      })}
      <div role="presentation" style={{ height: Math.max(0, top + virtual.getTotalSize() - end) }} />
    </TableBody>
  );
}

const STEPS: Readonly<Record<string, (from: number, count: number) => number>> = {
  ArrowDown: (from) => from + 1,
  ArrowUp: (from) => from - 1,
  PageDown: (from) => from + A_PAGE,
  PageUp: (from) => from - A_PAGE,
  Home: () => 0,
  End: (_from, count) => count - 1,
};

function rowElement(body: HTMLElement | null, key: string): HTMLElement | null {
  return body?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? null;
}
