'use client';

import { createContext, type ReactNode, type RefObject, useContext, useMemo, useRef, useState } from 'react';

/** A mapping file that somebody chose, on its way from the button to the page that checks it. */
export interface ChosenFile {
  readonly file: File;
  /** the version that it became; null: it is none yet */
  readonly became: { readonly versionId: string } | null;
}

interface Holder {
  readonly chosen: ChosenFile | null;
  readonly hold: (chosen: ChosenFile | null) => void;
  /** why, as it was last written: whoever compares again does not write it twice */
  readonly reason: RefObject<string>;
}

const Context = createContext<Holder>({ chosen: null, hold: () => {}, reason: { current: '' } });

/** Holds the file while one goes from page to page of a connector; a page that is loaded again has none. */
export function ChosenFileHolder({ children }: { readonly children: ReactNode }) {
  const [chosen, hold] = useState<ChosenFile | null>(null);
  const reason = useRef('');
  const value = useMemo(() => ({ chosen, hold, reason }), [chosen]);
  return <Context value={value}>{children}</Context>;
}

export function useChosenFile(): Holder {
  return useContext(Context);
}
