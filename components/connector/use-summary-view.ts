'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useTransition } from 'react';
import { type SummaryPart, type SummaryView, summaryQuery, summaryViewOf } from './summary-view.ts';

export interface SummaryAddress {
  readonly view: SummaryView;
  /** the server is reading what the address names */
  readonly pending: boolean;
  /** Changes what has to be read anew; what was shown stays until it is there. */
  readonly go: (change: Partial<SummaryView>) => void;
  /** Opens a day: at once, and what is read of it comes after. Going back closes it. */
  readonly openDay: (day: string) => void;
  /** @param month the one that is shown; null for the present one */
  readonly closeDay: (month: string | null) => void;
  /** Shows a part as a table or as what it is: nothing has to be read. */
  readonly showTable: (part: SummaryPart, table: boolean) => void;
}

/** The part of the summary's state that is in the address. */
export function useSummaryView(): SummaryAddress {
  const router = useRouter();
  const path = usePathname();
  const query = useSearchParams();
  const [pending, startTransition] = useTransition();
  const view = summaryViewOf(new URLSearchParams(query.toString()));
  const addressOf = (change: Partial<SummaryView>): string => `${path}${summaryQuery({ ...view, ...change })}`;
  return {
    view,
    pending,
    go: (change) => startTransition(() => router.replace(addressOf(change), { scroll: false })),
    openDay: (day) => {
      history.pushState(null, '', addressOf({ day }));
      startTransition(() => router.refresh());
    },
    closeDay: (month) => history.replaceState(null, '', addressOf({ month, day: null })),
    showTable: (part, table) => {
      const others = view.tables.filter((one) => one !== part);
      history.replaceState(null, '', addressOf({ tables: table ? [...others, part] : others }));
    },
  };
}
