'use client';

import { useSyncExternalStore } from 'react';

const NARROW_WINDOW = '(max-width: 859px)';

/** Below this width every row is a card: the same grid to a screen reader, another shape to the eye. */
export const NARROW = `@media ${NARROW_WINDOW}`;

/** Whether rows are cards. The server, which does not know the window, says no. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(NARROW_WINDOW).matches,
    () => false,
  );
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW_WINDOW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
