'use client';

import { useState } from 'react';
import type { OpenImport } from '#lib/connectors/snapshot.ts';
import { useLiveConnector } from './live-connector.tsx';

/**
 * The imports that are not over, as the stream tells them. One that ends stays as it was last told until the page has been
 * read again: what is made of both loses nothing in between.
 *
 * @param at when the page was read
 */
export function useOpenImports(at: string): readonly OpenImport[] {
  const open = useLiveConnector()?.row.open ?? NONE;
  const [seen, setSeen] = useState({ at, open });
  const known = seen.at === at ? seen.open : NONE;
  const vanished = known.filter(({ id }) => !open.some((one) => one.id === id));
  const all = [...vanished, ...open];
  if (seen.at !== at || seen.open.length !== all.length || open.some((one) => !seen.open.includes(one))) {
    setSeen({ at, open: all });
  }
  return all;
}

const NONE: OpenImport[] = [];
