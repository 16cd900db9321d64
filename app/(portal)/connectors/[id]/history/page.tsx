import { requireActor } from '#app/authentication.ts';
import { History } from '#components/history/history.tsx';
import { historyPage, historyPeople } from '#lib/connectors/history.ts';
import { historySelection } from '#lib/connectors/history-words.ts';
import { database } from '#lib/db.ts';
import { openEvidence } from '../connector.ts';

const ENTRIES_A_PAGE = 50;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function HistoryTab({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const actor = await requireActor('history.read');
  const { id: connectorId } = await openEvidence(id);
  const one = Object.entries(query).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const selection = historySelection(new URLSearchParams(one));
  const { pool } = database();
  const [page, people] = await Promise.all([
    historyPage(pool, actor, connectorId, selection, ENTRIES_A_PAGE),
    historyPeople(pool, actor, connectorId),
  ]);
  return <History connectorId={connectorId} page={page} people={people} selection={selection} />;
}
