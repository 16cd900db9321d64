/** The connector that a page is about, read once a request. */
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { type DeletedConnector, deletedConnector } from '#lib/connectors/deleted.ts';
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
export async function openConnector(id: string): Promise<Opened> {
  return (await readLive(id)) ?? notFound();
}

const readLive = cache(async (id: string): Promise<Opened | null> => {
  const actor = await requireActor('connectors.read');
  if (!z.guid().safeParse(id).success) notFound();
  const now = new Date();
  const [row] = await connectorRows(database().pool, actor, [id], now);
  return row === undefined ? null : { actor, row, at: now.toISOString() };
});

/** A connector whose evidence is read, whether it is live or was deleted. */
export interface Evidenced {
  readonly actor: Actor;
  readonly id: string;
  readonly name: string;
  /** null: it is live */
  readonly deleted: DeletedConnector | null;
  /** when it was read */
  readonly at: string;
}

/** For pages that show what was: a deleted connector has them, too. */
export const openEvidence = cache(async (id: string): Promise<Evidenced> => {
  const live = await readLive(id);
  if (live !== null) return { actor: live.actor, id: live.row.id, name: live.row.name, deleted: null, at: live.at };
  const actor = await requireActor('connectors.read');
  const deleted = (await deletedConnector(database().pool, actor, id)) ?? notFound();
  return { actor, id: deleted.id, name: deleted.name, deleted, at: new Date().toISOString() };
});
