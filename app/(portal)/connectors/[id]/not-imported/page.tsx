import { Suspense } from 'react';
import { NotImportedTab } from '#components/connector/not-imported-tab.tsx';
import { PageSkeleton } from '#components/frame/page-skeleton.tsx';
import { MapNumbers } from '#components/mapping/map-number.tsx';
import { waitingNumbers } from '#lib/connectors/mapping/use-cases.ts';
import { mappingParts } from '#lib/connectors/portal-parts.ts';
import { database } from '#lib/db.ts';
import { heldLongOf } from '#lib/imports/held.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import { parseRowKey, undonePage } from '#lib/imports/undone-rows.ts';
import type { Actor } from '#lib/security/actor.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { retryAction, signOffAction } from '../actions.ts';
import { openConnector } from '../connector.ts';
import { findMembersAction, mapNumberAction } from '../mapping/actions.ts';

const ROWS_A_PAGE = 50;
const NUMBERS_SHOWN = 50;

type Query = Readonly<Record<'kind' | 'reason' | 'after', string | string[] | undefined>>;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Query>;
}

export default async function NotImportedPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, row } = await openConnector(id);
  const { pool } = database();
  const [reasons, held] = await Promise.all([
    undoneReasons(pool, actor, row.id),
    heldLongOf(pool, actor, row.id, new Date()),
  ]);
  const isNamed = query.kind !== undefined;
  const chosen = isNamed
    ? reasons.find(({ kind, reason }) => kind === query.kind && reason === query.reason)
    : reasons.find(() => reasons.length === 1);
  const after = typeof query.after === 'string' ? parseRowKey(query.after) : null;
  const opened =
    chosen === undefined
      ? null
      : {
          ...chosen,
          page: await undonePage(
            pool,
            actor,
            { connectorId: row.id, kind: chosen.kind, reason: chosen.reason, importId: null, one: null },
            after,
            ROWS_A_PAGE,
          ),
          later: after !== null,
        };
  const actions = {
    retry: isAllowed(actor.roles, 'imports.retry') ? retryAction : null,
    signOff: isAllowed(actor.roles, 'items.sign-off') ? signOffAction : null,
  };
  return (
    <NotImportedTab
      connectorId={row.id}
      above={
        // The directory is asked whose mailbox it may be: the rest does not wait for that.
        <Suspense fallback={<PageSkeleton />}>
          <NumbersToMap actor={actor} connectorId={row.id} />
        </Suspense>
      }
      reasons={reasons}
      held={held}
      opened={opened}
      isGone={isNamed && opened === null}
      actions={actions}
      mayOpen={isAllowed(actor.roles, 'content.read')}
      mayProve={isAllowed(actor.roles, 'evidence.read')}
    />
  );
}

async function NumbersToMap({ actor, connectorId }: { readonly actor: Actor; readonly connectorId: string }) {
  const found = await waitingNumbers(mappingParts(), actor, { connectorId, limit: NUMBERS_SHOWN });
  const map = isAllowed(actor.roles, 'mapping.manage') ? mapNumberAction : null;
  return <MapNumbers connectorId={connectorId} found={found} map={map} findMembers={findMembersAction} />;
}
