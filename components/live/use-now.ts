'use client';

import { useEffect, useState } from 'react';

/** This browser's clock in milliseconds, moving once a second while `ticking`. 0 until the browser has taken over. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!ticking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
