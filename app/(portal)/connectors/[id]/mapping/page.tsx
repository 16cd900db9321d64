import { notFound } from 'next/navigation';
import { MappingTab } from '#components/mapping/mapping-tab.tsx';
import { listVersions } from '#lib/connectors/mapping/use-cases.ts';
import { database } from '#lib/db.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { openConnector } from '../connector.ts';
import { restoreAction } from './actions.ts';

const VERSIONS_A_PAGE = 50;

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<Readonly<Record<'before' | 'applied', string | string[] | undefined>>>;
}

export default async function MappingPage({ params, searchParams }: Props) {
  const [{ id }, query] = await Promise.all([params, searchParams]);
  const { actor, row } = await openConnector(id);
  const before = versionNumber(query.before);
  const list = await listVersions({ database: database() }, actor, {
    connectorId: row.id,
    before,
    limit: VERSIONS_A_PAGE,
  });
  if (list === null) notFound();
  return (
    <MappingTab
      connectorId={row.id}
      list={list}
      later={before !== null}
      applied={versionNumber(query.applied)}
      restore={isAllowed(actor.roles, 'mapping.manage') ? restoreAction : null}
    />
  );
}

function versionNumber(value: string | string[] | undefined): number | null {
  const given = Number(value);
  return Number.isInteger(given) && given > 0 && given < 2 ** 31 ? given : null;
}
