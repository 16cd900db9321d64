'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { queryOf, type View, viewOf } from './view.ts';

/** Browsers refuse a page that writes its address with every key (Safari: 100 times in 30 seconds). */
const WRITTEN_AFTER_MS = 250;

export interface ViewAddress {
  readonly view: View;
  readonly change: (changed: Partial<View>) => void;
  /** Going back closes it. Null closes it, and leaves no step behind to go back to. */
  readonly open: (connector: string | null) => void;
  /** @param query of a saved view */
  readonly openView: (query: string) => void;
  /** Writes what was typed into the address now: somebody leaves the search. */
  readonly settle: () => void;
}

/**
 * The view of the Connectors tab. The address is its truth, changed without asking the server, since every row is here
 * already. What is being typed is shown at once and goes into the address when the keys rest; an address that comes from
 * elsewhere (Back, a link, a saved view) takes its place.
 */
export function useView(): ViewAddress {
  const query = useSearchParams().toString();
  const address = useMemo(() => viewOf(new URLSearchParams(query)), [query]);
  const [typed, setTyped] = useState<string | null>(null);
  const waiting = useRef<{ readonly search: string; readonly timer: ReturnType<typeof setTimeout> } | null>(null);
  // Searches that were written and that the page has not been drawn with: further keys may have come since.
  const written = useRef<string[]>([]);
  const opened = useRef(false);

  const write = useCallback((changed: Partial<View>, how: 'push' | 'replace') => {
    const search = waiting.current?.search;
    if (waiting.current !== null) clearTimeout(waiting.current.timer);
    waiting.current = null;
    const current = viewOf(new URLSearchParams(location.search));
    const next = { ...current, ...(search === undefined ? {} : { search }), ...changed };
    if (next.search === current.search) setTyped(null);
    else written.current.push(next.search);
    const to = location.pathname + queryOf(next);
    if (how === 'push') history.pushState(null, '', to);
    else history.replaceState(null, '', to);
  }, []);

  useLayoutEffect(() => {
    const ours = written.current.indexOf(address.search);
    written.current = ours < 0 ? [] : written.current.slice(ours + 1);
    if (ours < 0 && waiting.current !== null) {
      clearTimeout(waiting.current.timer);
      waiting.current = null;
    }
    setTyped((now) => (ours < 0 || now === address.search ? null : now));
  }, [address.search]);

  useEffect(() => () => clearTimeout(waiting.current?.timer), []);

  const change = useCallback(
    (changed: Partial<View>) => {
      const { search, ...others } = changed;
      if (search === undefined || Object.keys(others).length > 0) {
        if (search !== undefined) setTyped(search);
        write(changed, 'replace');
        return;
      }
      setTyped(search);
      clearTimeout(waiting.current?.timer);
      waiting.current = { search, timer: setTimeout(() => write({}, 'replace'), WRITTEN_AFTER_MS) };
    },
    [write],
  );

  const open = useCallback(
    (connector: string | null) => {
      if (connector !== null) write({ connector }, 'push');
      else if (opened.current) history.back();
      else write({ connector }, 'replace');
      opened.current = connector !== null;
    },
    [write],
  );
  // Going back closes it, too.
  useEffect(() => {
    if (address.connector === null) opened.current = false;
  }, [address.connector]);

  const openView = useCallback((wanted: string) => history.pushState(null, '', location.pathname + wanted), []);
  const settle = useCallback(() => {
    if (waiting.current !== null) write({}, 'replace');
  }, [write]);

  const view = useMemo(() => ({ ...address, search: typed ?? address.search }), [address, typed]);
  return { view, change, open, openView, settle };
}
