import { ImportsTable } from '#components/connector/imports-table.tsx';
import { database } from '#lib/db.ts';
import { importPage, openWindowCount } from '#lib/imports/list.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { cancelImportAction, repeatRangeAction } from '../actions.ts';
import { openConnector } from '../connector.ts';

const IMPORTS_A_PAGE = 50;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<{ readonly olderThan?: string | string[] }>;
}

export default async function ImportsPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, row } = await openConnector(id);
  const given = Number(query.olderThan);
  const olderThan = Number.isInteger(given) && given > 0 && given < 2 ** 31 ? given : null;
  const { pool } = database();
  const [page, openWindows] = await Promise.all([
    importPage(pool, actor, row.id, olderThan, IMPORTS_A_PAGE),
    openWindowCount(pool, actor, row.id),
  ]);
  const actions = { cancel: cancelImportAction, repeat: repeatRangeAction };
  return (
    <ImportsTable
      connectorId={row.id}
      page={page}
      later={olderThan !== null}
      openWindows={openWindows}
      actions={isAllowed(actor.roles, 'connectors.manage') ? actions : null}
    />
  );
}
