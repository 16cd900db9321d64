import { Summary } from '#components/connector/summary.tsx';
import { database } from '#lib/db.ts';
import { openAlerts } from '#lib/imports/alerts.ts';
import { countsOfFinishedImports } from '#lib/imports/list.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { closeAlertAction, retryAction, signOffAction } from './actions.ts';
import { openConnector } from './connector.ts';

export default async function SummaryPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row, at } = await openConnector((await params).id);
  const { pool } = database();
  const [finished, alerts, undone] = await Promise.all([
    countsOfFinishedImports(pool, actor, row.id),
    openAlerts(pool, actor, row.id),
    undoneReasons(pool, actor, row.id),
  ]);
  const actions = {
    retry: isAllowed(actor.roles, 'imports.retry') ? retryAction : null,
    signOff: isAllowed(actor.roles, 'items.sign-off') ? signOffAction : null,
  };
  const closeAlert = isAllowed(actor.roles, 'items.sign-off') ? closeAlertAction : null;
  return (
    <Summary
      finished={finished}
      // Why it stopped stands above everything, with the button that mends it.
      alerts={alerts.filter(({ code }) => code !== row.stoppedReason)}
      closeAlert={closeAlert}
      undone={undone}
      actions={actions}
      at={at}
    />
  );
}
