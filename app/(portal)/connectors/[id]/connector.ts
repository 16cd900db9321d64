/** The connector that a page is about, read once a request. */
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { connectorRows } from '#lib/connectors/overview.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { database } from '#lib/db.ts';
import type { Actor } from '#lib/security/actor.ts';

export interface Opened {
  readonly actor: Actor;
  readonly row: ConnectorRow;
  /** when the row was read */
  readonly at: string;
}

/** Somebody else's connector is not found, just as one that never was. */
export const openConnector = cache(async (id: string): Promise<Opened> => {
  const actor = await requireActor('connectors.read');
  if (!z.guid().safeParse(id).success) notFound();
  const now = new Date();
  const [row] = await connectorRows(database().pool, actor, [id], now);
  if (row === undefined) notFound();
  return { actor, row, at: now.toISOString() };
});
