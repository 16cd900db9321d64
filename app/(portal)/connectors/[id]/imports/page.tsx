import { ImportsTable } from '#components/connector/imports-table.tsx';
import { database } from '#lib/db.ts';
import { importPage, openWindowCount } from '#lib/imports/list.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { cancelImportAction, repeatRangeAction } from '../actions.ts';
import { openEvidence } from '../connector.ts';

const IMPORTS_A_PAGE = 50;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<{ readonly olderThan?: string | string[] }>;
}

export default async function ImportsPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, id: connectorId, deleted } = await openEvidence(id);
  const given = Number(query.olderThan);
  const olderThan = Number.isInteger(given) && given > 0 && given < 2 ** 31 ? given : null;
  const { pool } = database();
  const [page, openWindows] = await Promise.all([
    importPage(pool, actor, connectorId, olderThan, IMPORTS_A_PAGE),
    // Of a deleted connector nobody opens them any more.
    deleted === null ? openWindowCount(pool, actor, connectorId) : 0,
  ]);
  const actions = { cancel: cancelImportAction, repeat: repeatRangeAction };
  return (
    <ImportsTable
      connectorId={connectorId}
      page={page}
      later={olderThan !== null}
      openWindows={openWindows}
      actions={deleted === null && isAllowed(actor.roles, 'connectors.manage') ? actions : null}
      mayProve={isAllowed(actor.roles, 'evidence.read')}
    />
  );
}
