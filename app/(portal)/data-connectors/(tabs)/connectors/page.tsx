import type { Metadata } from 'next';
import { requireActor } from '#app/authentication.ts';
import { ConnectorsTab } from '#components/connectors/connectors-tab.tsx';
import { UndeliveredBar } from '#components/notifications/undelivered-bar.tsx';
import * as text from '#components/text/text.ts';
import { catalogue } from '#lib/connectors/catalogue.ts';
import { connectorRows } from '#lib/connectors/overview.ts';
import { database } from '#lib/db.ts';
import { undelivered } from '#lib/notifications/undelivered.ts';

export const metadata: Metadata = { title: text.frame.connectors };

const KINDS = Object.fromEntries(catalogue.map(({ slug, name }) => [slug, name]));

export default async function ConnectorsPage() {
  const actor = await requireActor('connectors.read');
  const now = new Date();
  const [rows, notices] = await Promise.all([
    connectorRows(database().pool, actor, null, now),
    undelivered(database().pool, actor),
  ]);
  return (
    <>
      <UndeliveredBar undelivered={notices} />
      <ConnectorsTab at={now.toISOString()} connectors={rows} person={actor.userId} kinds={KINDS} />
    </>
  );
}
