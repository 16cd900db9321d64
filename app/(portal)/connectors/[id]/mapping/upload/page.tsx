import { notFound } from 'next/navigation';
import { requireActor } from '#app/authentication.ts';
import { UploadPage } from '#components/mapping/upload-page.tsx';
import { fileReading, listVersions } from '#lib/connectors/mapping/use-cases.ts';
import { mappingParts } from '#lib/connectors/portal-parts.ts';
import { openConnector } from '../../connector.ts';
import { discardAction } from '../actions.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<{ readonly mode?: string | string[] }>;
}

export default async function UploadVersionPage({ params, searchParams }: Props) {
  const [{ id }, { mode }] = await Promise.all([params, searchParams]);
  const { row } = await openConnector(id);
  const actor = await requireActor('mapping.manage');
  const parts = mappingParts();
  const [reading, list] = await Promise.all([
    fileReading(parts, actor, row.id),
    listVersions(parts, actor, { connectorId: row.id, before: null, limit: 1 }),
  ]);
  if (reading === null || list === null) notFound();
  return (
    <UploadPage
      connectorId={row.id}
      reading={reading}
      inForce={list.inForce?.number ?? null}
      initialMode={mode === 'add' ? 'add' : 'replace'}
      discard={discardAction}
    />
  );
}
