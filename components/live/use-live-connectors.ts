'use client';

import { useEffect, useState } from 'react';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { connectLive } from './connect.ts';
import { type LiveState, liveStateOf, stopped, withMessage } from './live-state.ts';

/** What the server read for this page, and for whom. */
export interface LiveStart {
  readonly at: string;
  readonly connectors: readonly ConnectorRow[];
  /** user id of the actor: the stream is theirs */
  readonly person: string;
  /** only this connector is shown here */
  readonly only?: string;
}

/** The connectors as they are now. Begins with what the page came with, and moves by itself. */
export function useLiveConnectors({ at, connectors, person, only }: LiveStart): LiveState {
  const [state, setState] = useState(() => liveStateOf(at, connectors));

  // A server action or a refresh brings newer rows with the page itself.
  const [pageAt, setPageAt] = useState(at);
  if (pageAt !== at) {
    setPageAt(at);
    if (at > state.at)
      setState(withMessage(state, { type: 'snapshot', at, connectors: [...connectors], kept: [] }, Date.now()));
  }

  // As the page came: what it was told since comes through the stream again where nobody else has kept it.
  const [start] = useState(() => (only === undefined ? connectors : []));
  useEffect(
    () =>
      connectLive(`/api/events?person=${encodeURIComponent(person)}`, start, {
        onMessage: (message) => setState((before) => withMessage(before, onlyOf(message, only), Date.now())),
        onBroken: () => setState(stopped),
      }),
    [person, only, start],
  );
  return state;
}

function onlyOf(
  message: Parameters<typeof withMessage>[1],
  only: string | undefined,
): Parameters<typeof withMessage>[1] {
  if (only === undefined || message.type === 'heartbeat') return message;
  return { ...message, connectors: message.connectors.filter(({ id }) => id === only) };
}
