'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';

/** However fast an import goes: the page is read again at most this often. */
const REFRESH_MS = 3_000;

/**
 * The stream carries the numbers of running imports, not those of days. Where they move, what the server made of them is
 * read again, once for all that moved meanwhile.
 */
export function useRefreshWhileImporting(open: ConnectorRow['open']): void {
  const router = useRouter();
  const landmark = JSON.stringify(open.map(({ id, counts }) => [id, counts]));
  const seen = useRef(landmark);
  const latest = useRef(landmark);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  /** something moved while the tab was hidden */
  const unseen = useRef(false);
  useEffect(() => {
    latest.current = landmark;
    if (seen.current === landmark || timer.current !== null) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      seen.current = latest.current;
      if (!document.hidden) router.refresh();
      else if (!unseen.current) {
        // A tab that nobody looks at reads when somebody does.
        unseen.current = true;
        const read = (): void => {
          unseen.current = false;
          router.refresh();
        };
        document.addEventListener('visibilitychange', read, { once: true });
      }
    }, REFRESH_MS);
  }, [landmark, router]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
}
