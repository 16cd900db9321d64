'use client';

import { TableBody } from '@fluentui/react-components';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  Fragment,
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

/** What the server draws, which does not know the window; rows beyond the edge are drawn before they are scrolled to. */
const FIRST_VIEW = { width: 1440, height: 1_000 };
const BEYOND = 8;

export interface RowsHandle {
  readonly scrollTo: (index: number) => void;
}

export interface RowsInViewProps<T> {
  readonly handle: Ref<RowsHandle>;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** pixels of a row that was not seen yet, with the room between rows */
  readonly usualHeight: number;
  /** a row that is drawn wherever the window is: it has the focus, or had it last */
  readonly kept: string | null;
  /** of what is around each row: room between rows is a part of their height */
  readonly placeClassName?: string | undefined;
  /** @param first whether it is the first row in view */
  readonly children: (row: T, index: number, first: boolean) => ReactNode;
}

/**
 * The rows that the window shows, and no others, however many there are: in their place on the page, so that the window
 * scrolls as if all were there.
 */
export function RowsInView<T>({
  handle,
  rows,
  keyOf,
  usualHeight,
  kept,
  placeClassName,
  children,
}: RowsInViewProps<T>) {
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const keptIndex = kept === null ? -1 : rows.findIndex((row) => keyOf(row) === kept);
  const virtual = useWindowVirtualizer<HTMLElement>({
    count: rows.length,
    estimateSize: () => usualHeight,
    getItemKey: (index) => keyOf(rows[index] as T),
    overscan: BEYOND,
    scrollMargin: top,
    initialRect: FIRST_VIEW,
    initialOffset: 0,
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const seen = defaultRangeExtractor(range);
        if (keptIndex < 0 || seen.includes(keptIndex)) return seen;
        return [...seen, keptIndex].sort((a, b) => a - b);
      },
      [keptIndex],
    ),
  });
  useImperativeHandle(handle, () => ({ scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }) }), [
    virtual,
  ]);

  // What was measured is as high as rows were that had another shape.
  const measuredFor = useRef(usualHeight);
  useLayoutEffect(() => {
    if (measuredFor.current === usualHeight) return;
    measuredFor.current = usualHeight;
    virtual.measure();
  }, [usualHeight, virtual]);

  // What stands above the rows moves them: a notice, a filter that wraps.
  useLayoutEffect(() => {
    const measure = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const items = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? items[0]?.index;
  let end = top;
  return (
    <TableBody ref={body}>
      {items.map((item) => {
        const gap = item.start - end;
        end = item.end;
        const row = rows[item.index] as T;
        return (
          <Fragment key={item.key}>
            {gap > 0 ? <div role="presentation" style={{ height: gap }} /> : null}
            <div ref={virtual.measureElement} data-index={item.index} role="presentation" className={placeClassName}>
              {children(row, item.index, item.index === first)}
            </div>
          </Fragment>
        );
      })}
      <div role="presentation" style={{ height: Math.max(0, top + virtual.getTotalSize() - end) }} />
    </TableBody>
  );
}
