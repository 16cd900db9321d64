import { Summary } from '#components/connector/summary.tsx';
import { database } from '#lib/db.ts';
import { countsOfFinishedImports } from '#lib/imports/list.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import { openConnector } from './connector.ts';

export default async function SummaryPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row, at } = await openConnector((await params).id);
  const { pool } = database();
  const [finished, undone] = await Promise.all([
    countsOfFinishedImports(pool, actor, row.id),
    undoneReasons(pool, actor, row.id),
  ]);
  return <Summary finished={finished} undone={undone} at={at} />;
}
