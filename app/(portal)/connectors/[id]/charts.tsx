import { Charts } from '#components/connector/charts/charts.tsx';
import type { SummaryView } from '#components/connector/summary-view.ts';
import { database } from '#lib/db.ts';
import { dayBalances } from '#lib/imports/balance.ts';
import { importPage } from '#lib/imports/list.ts';
import { openConnector } from './connector.ts';

const IMPORTS_SHOWN = 20;
const DAY_MS = 86_400_000;

interface Props {
  readonly connectorId: string;
  readonly view: SummaryView;
}

/** Reads the days and the last imports that the charts show: counters, no rows of the ledger. */
export async function ChartsOfConnector({ connectorId, view: { chartDays } }: Props) {
  const { actor, row, at } = await openConnector(connectorId);
  const { pool } = database();
  const today = at.slice(0, 10);
  const from = new Date(Date.parse(today) - (chartDays - 1) * DAY_MS);
  const [days, { imports }] = await Promise.all([
    dayBalances(pool, actor, { connectorId: row.id, from, to: null }),
    importPage(pool, actor, row.id, null, IMPORTS_SHOWN),
  ]);
  return <Charts days={days} imports={imports} span={chartDays} today={today} at={at} />;
}
