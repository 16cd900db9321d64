import { Summary } from '#components/connector/summary.tsx';
import { database } from '#lib/db.ts';
import { countsOfFinishedImports } from '#lib/imports/list.ts';
import { openConnector } from './connector.ts';

export default async function SummaryPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row, at } = await openConnector((await params).id);
  return <Summary finished={await countsOfFinishedImports(database().pool, actor, row.id)} at={at} />;
}
