import { Summary } from '#components/connector/summary.tsx';
import { database } from '#lib/db.ts';
import { countsOfFinishedImports } from '#lib/imports/list.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import { undoneRows } from '#lib/imports/undone-rows.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { retryAction, signOffAction } from './actions.ts';
import { openConnector } from './connector.ts';

/** Originals that are listed of each reason. */
const ORIGINALS = 20;

export default async function SummaryPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row, at } = await openConnector((await params).id);
  const { pool } = database();
  const [finished, reasons] = await Promise.all([
    countsOfFinishedImports(pool, actor, row.id),
    undoneReasons(pool, actor, row.id),
  ]);
  const mayOpen = isAllowed(actor.roles, 'content.read');
  const undone = await Promise.all(
    reasons.map(async (reason) => {
      const selection = { connectorId: row.id, ...reason, importId: null, one: null };
      return { ...reason, originals: mayOpen ? await undoneRows(pool, actor, selection, ORIGINALS) : [] };
    }),
  );
  const actions = {
    retry: isAllowed(actor.roles, 'imports.retry') ? retryAction : null,
    signOff: isAllowed(actor.roles, 'items.sign-off') ? signOffAction : null,
  };
  return <Summary finished={finished} undone={undone} actions={actions} at={at} />;
}
