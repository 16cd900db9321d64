import { requireActor } from '#app/authentication.ts';
import { CorrectionList } from '#components/corrections/correction-list.tsx';
import { listCorrections } from '#lib/corrections/read.ts';
import { database } from '#lib/db.ts';
import { foundElsewhere } from '#lib/recovery/found.ts';
import { openConnector } from '../../connector.ts';
import { startCorrectionAction } from './actions.ts';

/** Corrections that are listed. */
const SHOWN = 100;

export default async function CorrectionsPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const actor = await requireActor('mapping.manage');
  const { row } = await openConnector((await params).id);
  const { pool } = database();
  const [corrections, found] = await Promise.all([
    listCorrections(pool, actor, row.id, SHOWN),
    foundElsewhere(pool, actor, row.id),
  ]);
  return <CorrectionList connectorId={row.id} corrections={corrections} found={found} start={startCorrectionAction} />;
}
