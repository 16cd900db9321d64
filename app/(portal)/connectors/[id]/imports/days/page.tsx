import { z } from 'zod';
import { DaysTable } from '#components/connector/days-table.tsx';
import { database } from '#lib/db.ts';
import { connectorBalances, dayPage } from '#lib/imports/balance.ts';
import { openEvidence } from '../../connector.ts';

const DAYS_A_PAGE = 31;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<{ readonly before?: string | string[] }>;
}

export default async function DaysPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, id: connectorId, at } = await openEvidence(id);
  const before = z.iso.date().safeParse(query.before).data ?? null;
  const { pool } = database();
  const [page, sums] = await Promise.all([
    dayPage(pool, actor, connectorId, before, DAYS_A_PAGE),
    before === null ? connectorBalances(pool, actor, connectorId) : [],
  ]);
  return (
    <DaysTable
      connectorId={connectorId}
      page={page}
      sum={sums[0] ?? null}
      later={before !== null}
      today={at.slice(0, 10)}
    />
  );
}
