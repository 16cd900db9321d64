import { redirect } from 'next/navigation';
import { Suspense } from 'react';
import { FirstUser } from '#components/connector/first-user.tsx';
import { PartBoundary } from '#components/connector/part-boundary.tsx';
import { PartSkeleton } from '#components/connector/part-skeleton.tsx';
import { Recovery } from '#components/connector/recovery.tsx';
import { Summary } from '#components/connector/summary.tsx';
import { type SummaryView, summaryViewOf } from '#components/connector/summary-view.ts';
import { firstUser } from '#lib/connectors/first-user.ts';
import { database } from '#lib/db.ts';
import { openAlerts } from '#lib/imports/alerts.ts';
import { heldLongOf } from '#lib/imports/held.ts';
import { countsOfFinishedImports } from '#lib/imports/list.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import { recoveryOf } from '#lib/recovery/standing.ts';
import { isAllowed } from '#lib/security/roles.ts';
import {
  closeAlertAction,
  confirmMappingAction,
  letOthersFollowAction,
  retryAction,
  signOffAction,
} from './actions.ts';
import { Calendar } from './calendar.tsx';
import { ChartsOfConnector } from './charts.tsx';
import { openConnector, openEvidence } from './connector.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function SummaryPage({ params, searchParams }: Props) {
  const { id } = await params;
  if ((await openEvidence(id)).deleted !== null) redirect(`/connectors/${id}/imports`);
  const { actor, row, at } = await openConnector(id);
  const view = await viewOf(searchParams);
  const { pool } = database();
  const [recovery, first, finished, alerts, undone, held] = await Promise.all([
    recoveryOf(pool, actor, row.id),
    firstUser(pool, actor, row.id),
    countsOfFinishedImports(pool, actor, row.id),
    openAlerts(pool, actor, row.id),
    undoneReasons(pool, actor, row.id),
    heldLongOf(pool, actor, row.id, new Date()),
  ]);
  const actions = {
    retry: isAllowed(actor.roles, 'imports.retry') ? retryAction : null,
    signOff: isAllowed(actor.roles, 'items.sign-off') ? signOffAction : null,
  };
  const closeAlert = isAllowed(actor.roles, 'items.sign-off') ? closeAlertAction : null;
  return (
    <Summary
      recovery={
        recovery === null ? null : (
          <Recovery state={recovery} confirm={isAllowed(actor.roles, 'mapping.manage') ? confirmMappingAction : null} />
        )
      }
      first={
        first === null ? null : (
          <FirstUser
            connectorId={row.id}
            first={first}
            letFollow={isAllowed(actor.roles, 'connectors.manage') ? letOthersFollowAction : null}
          />
        )
      }
      finished={finished}
      // Why it stopped stands above everything, with the button that mends it; so does a restore.
      alerts={alerts.filter(({ code }) => code !== row.stoppedReason && (code !== 'restored' || recovery === null))}
      closeAlert={closeAlert}
      undone={undone}
      held={held}
      actions={actions}
      calendar={
        <PartBoundary sentence="calendar">
          <Suspense fallback={<PartSkeleton height={480} />}>
            <Calendar connectorId={row.id} view={view} />
          </Suspense>
        </PartBoundary>
      }
      charts={
        <PartBoundary sentence="charts">
          <Suspense fallback={<PartSkeleton height={720} />}>
            <ChartsOfConnector connectorId={row.id} view={view} />
          </Suspense>
        </PartBoundary>
      }
      at={at}
    />
  );
}

/** A name that is twice in the address counts once. */
async function viewOf(searchParams: Props['searchParams']): Promise<SummaryView> {
  const entries = Object.entries(await searchParams).map(([name, value]) => [name, [value].flat()[0] ?? '']);
  return summaryViewOf(new URLSearchParams(entries));
}
