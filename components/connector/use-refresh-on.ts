'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';

/** However often something happens: the page is read again at once, and then at most this often. */
const APART_MS = 3_000;

/**
 * Reads the page again when the landmark is another one: once for all that happened meanwhile, and in a tab that nobody looks
 * at when somebody does. Nothing is asked while nothing happens.
 *
 * @param landmark what the page was made of, as a text
 */
export function useRefreshOn(landmark: string): void {
  const router = useRouter();
  const seen = useRef(landmark);
  const latest = useRef(landmark);
  const readAt = useRef(Number.NEGATIVE_INFINITY);
  const waiting = useRef<(() => void) | null>(null);
  useEffect(() => {
    latest.current = landmark;
    if (seen.current === landmark || waiting.current !== null) return;
    const read = (): void => {
      waiting.current = null;
      if (seen.current === latest.current) return;
      if (document.hidden) {
        whenLookedAt();
        return;
      }
      seen.current = latest.current;
      readAt.current = performance.now();
      router.refresh();
    };
    const whenLookedAt = (): void => {
      document.addEventListener('visibilitychange', read, { once: true });
      waiting.current = () => document.removeEventListener('visibilitychange', read);
    };
    const left = readAt.current + APART_MS - performance.now();
    if (left <= 0) {
      read();
      return;
    }
    const timer = setTimeout(read, left);
    waiting.current = () => clearTimeout(timer);
  }, [landmark, router]);
  useEffect(
    () => () => {
      waiting.current?.();
      waiting.current = null;
    },
    [],
  );
}
