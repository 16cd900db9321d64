'use client';

import { createContext, type ReactNode, useContext } from 'react';
import { Announcer } from '#components/live/announcer.tsx';
import { LiveNotice } from '#components/live/live-notice.tsx';
import type { LiveRow } from '#components/live/live-state.ts';
import { type LiveStart, useLiveConnectors } from '#components/live/use-live-connectors.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { useRefreshOn } from './use-refresh-on.ts';

const Context = createContext<LiveRow | null>(null);

export interface LiveConnectorProps {
  readonly at: string;
  readonly row: ConnectorRow;
  readonly person: string;
  readonly children: ReactNode;
}

/** Gives the pages of one connector its row, as it is now. */
export function LiveConnector({ at, row, person, children }: LiveConnectorProps) {
  const state = useLiveConnectors({ at, connectors: [row], person, only: row.id } satisfies LiveStart);
  const live = state.rows.get(row.id) ?? null;
  useRefreshWhenSettled(live?.row ?? row);
  return (
    <Context value={live}>
      <Announcer state={state} />
      <LiveNotice stoppedAt={state.stoppedAt} />
      {children}
    </Context>
  );
}

/** The connector that this page is about; null once it is gone. */
export function useLiveConnector(): LiveRow | null {
  return useContext(Context);
}

/**
 * What the stream does not carry (the list of imports, the sums over those that are over, reasons) changes when an import
 * begins or ends or when copies are released: then the page is read again, and only then. What of a running import moves on a
 * page, the stream itself says (`live-days.ts`).
 */
function useRefreshWhenSettled(row: ConnectorRow): void {
  useRefreshOn(
    JSON.stringify([
      row.open.map(({ id, phase }) => [id, phase]),
      row.lastNumber,
      row.toDo,
      row.pausedAt,
      row.verifiedAt,
      row.alerts.includes('restored'),
    ]),
  );
}
