import { Coverage } from '#components/coverage/coverage.tsx';
import { coverageState, linePage, silentCount } from '#lib/coverage/list.ts';
import { selectionOf } from '#lib/coverage/selection.ts';
import { database } from '#lib/db.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { seesNumbers } from '#lib/security/shown-number.ts';
import { openConnector } from '../connector.ts';
import { verifyAction } from './actions.ts';

const LINES_A_PAGE = 50;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function CoveragePage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, row } = await openConnector(id);
  const one = Object.entries(query).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const selection = selectionOf(new URLSearchParams(one));
  const { pool } = database();
  const state = await coverageState(pool, actor, row.id);
  const [page, silent] =
    state.done === null
      ? [null, 0]
      : await Promise.all([
          linePage(pool, actor, state.done, selection, LINES_A_PAGE),
          silentCount(pool, actor, state.done, selection.silentDays),
        ]);
  return (
    <Coverage
      connectorId={row.id}
      state={state}
      selection={selection}
      page={page}
      silent={silent}
      searchesNumbers={seesNumbers(actor)}
      verify={isAllowed(actor.roles, 'mapping.manage') ? verifyAction : null}
    />
  );
}
