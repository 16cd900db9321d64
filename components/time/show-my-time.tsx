'use client';

import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { remember } from '#components/frame/remember.ts';
import { SHOW_MY_TIME_COOKIE } from './cookie.ts';

interface ShowMyTime {
  readonly on: boolean;
  set(on: boolean): void;
}

const Context = createContext<ShowMyTime>({ on: false, set: () => {} });

/** Gives every `Time` below the choice that was made in the header. */
export function ShowMyTimeProvider({
  initially,
  children,
}: {
  readonly initially: boolean;
  readonly children: ReactNode;
}) {
  const [on, setOn] = useState(initially);
  const value = useMemo<ShowMyTime>(
    () => ({
      on,
      set(next) {
        setOn(next);
        void remember(SHOW_MY_TIME_COOKIE, next ? '1' : '0');
      },
    }),
    [on],
  );
  return <Context value={value}>{children}</Context>;
}

export function useShowMyTime(): ShowMyTime {
  return useContext(Context);
}
