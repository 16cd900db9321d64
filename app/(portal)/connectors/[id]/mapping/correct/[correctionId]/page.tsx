import { notFound } from 'next/navigation';
import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { CorrectionView } from '#components/corrections/correction-view.tsx';
import { openCorrection, wrongMessageRows } from '#lib/corrections/read.ts';
import { database } from '#lib/db.ts';
import { openConnector } from '../../../connector.ts';
import {
  confirmCopyingAction,
  confirmRemovalAction,
  endCorrectionAction,
  listAgainAction,
  lookAgainAction,
} from '../actions.ts';

const MESSAGES_A_PAGE = 100;

interface Props {
  readonly params: Promise<{ readonly id: string; readonly correctionId: string }>;
  readonly searchParams: Promise<{ readonly after?: string | string[] }>;
}

export default async function CorrectionPage({ params, searchParams }: Props) {
  const [{ id, correctionId }, query] = await Promise.all([params, searchParams]);
  const actor = await requireActor('mapping.manage');
  const { row } = await openConnector(id);
  if (!z.guid().safeParse(correctionId).success) notFound();
  const { pool } = database();
  const correction = await openCorrection(pool, actor, row.id, correctionId);
  if (correction === null) notFound();
  const after = typeof query.after === 'string' && /^\d{1,18}$/.test(query.after) ? query.after : null;
  const rows = await wrongMessageRows(pool, actor, correction.id, after, MESSAGES_A_PAGE + 1);
  const wrong = rows.slice(0, MESSAGES_A_PAGE);
  return (
    <CorrectionView
      connectorId={row.id}
      correction={correction}
      wrong={wrong}
      next={rows.length > MESSAGES_A_PAGE ? (wrong.at(-1)?.key ?? null) : null}
      later={after !== null}
      actions={{
        confirmCopying: confirmCopyingAction,
        confirmRemoval: confirmRemovalAction,
        listAgain: listAgainAction,
        lookAgain: lookAgainAction,
        end: endCorrectionAction,
      }}
    />
  );
}
