'use client';

import { useSyncExternalStore } from 'react';

/** False while the server draws, and while React takes over what it drew, which must be the same. */
export function useInBrowser(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
}

function subscribeToNothing(): () => void {
  return () => {};
}
