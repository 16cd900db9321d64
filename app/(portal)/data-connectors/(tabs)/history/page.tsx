import type { Metadata } from 'next';
import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { Past } from '#components/history/past.tsx';
import * as text from '#components/text/text.ts';
import { deletedConnectors } from '#lib/connectors/deleted.ts';
import { organizationHistory } from '#lib/connectors/history.ts';
import { historySelection } from '#lib/connectors/history-words.ts';
import { database } from '#lib/db.ts';
import { isAllowed } from '#lib/security/roles.ts';

export const metadata: Metadata = { title: text.history.title };

const CONNECTORS_A_PAGE = 20;
const ENTRIES_A_PAGE = 20;

interface Props {
  readonly searchParams: Promise<Readonly<Record<'before' | 'deletedBefore', string | string[] | undefined>>>;
}

export default async function HistoryPage({ searchParams }: Props) {
  const [actor, query] = await Promise.all([requireActor('connectors.read'), searchParams]);
  const { pool } = database();
  const deletedBefore = z.guid().safeParse(query.deletedBefore).data ?? null;
  const given = typeof query.before === 'string' ? query.before : '';
  const { before } = historySelection(new URLSearchParams({ before: given }));
  const [deleted, organization] = await Promise.all([
    deletedConnectors(pool, actor, deletedBefore, CONNECTORS_A_PAGE),
    isAllowed(actor.roles, 'history.read') ? organizationHistory(pool, actor, before, ENTRIES_A_PAGE) : null,
  ]);
  return <Past {...{ deleted, organization }} later={deletedBefore !== null} olderActs={before !== null} />;
}
