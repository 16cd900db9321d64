import { notFound } from 'next/navigation';
import { z } from 'zod';
import { differenceView } from '#components/mapping/addresses.ts';
import { ComparisonPage } from '#components/mapping/comparison-page.tsx';
import { ProposalPage } from '#components/mapping/proposal-page.tsx';
import {
  findVersion,
  listVersions,
  type VersionSummary,
  versionDifference,
} from '#lib/connectors/mapping/use-cases.ts';
import type { VersionList } from '#lib/connectors/mapping/versions.ts';
import { comparingParts } from '#lib/connectors/portal-parts.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { openConnector } from '../../connector.ts';
import {
  applyAction,
  approveAction,
  compareAgainAction,
  declineAction,
  discardAction,
  requestApprovalAction,
  restoreAction,
} from '../actions.ts';
import { EffectOf, RowsOf, RuleOf, TilesOf } from './difference.tsx';

/** Of these one is chosen to compare with. */
const VERSIONS_TO_CHOOSE = 200;

interface Props {
  readonly params: Promise<{ readonly id: string; readonly version: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function VersionPage({ params, searchParams }: Props) {
  const [{ id, version: versionId }, query] = await Promise.all([params, searchParams]);
  const { actor, row } = await openConnector(id);
  if (!z.guid().safeParse(versionId).success) notFound();
  const parts = comparingParts();
  const choice = { connectorId: row.id, versionId };
  const [version, list] = await Promise.all([
    findVersion(parts, actor, choice),
    listVersions(parts, actor, { connectorId: row.id, before: null, limit: VERSIONS_TO_CHOOSE }),
  ]);
  if (version === null || list === null) notFound();
  const manages = isAllowed(actor.roles, 'mapping.manage');
  const isProposal = version.status === 'proposed';
  const asked = differenceView(query);
  const view = isProposal ? { ...asked, against: null } : asked;
  const against = isProposal ? (list.inForce?.id ?? null) : comparedWith(view.against, version, list);
  const input = { ...choice, against };
  const difference = versionDifference(parts, actor, input);
  // Whoever waits for it shows what went wrong; until then it is no unhandled rejection.
  difference.catch(() => {});
  const changesRows = version.mode !== 'rule';
  const tiles = (
    <>
      <RuleOf {...{ input, difference }} />
      {changesRows ? <TilesOf {...{ input, view, difference }} /> : null}
    </>
  );
  const rows = changesRows && <RowsOf {...{ parts, actor, input, view, difference }} />;
  const shown = JSON.stringify([against, view]);
  if (!isProposal) {
    return (
      <ComparisonPage
        {...{ ...choice, version, view, against, tiles, rows, shown }}
        versions={list.versions}
        restore={manages ? restoreAction : null}
      />
    );
  }
  const actions = {
    apply: applyAction,
    requestApproval: requestApprovalAction,
    approve: approveAction,
    decline: declineAction,
    discard: discardAction,
    compareAgain: compareAgainAction,
  };
  return (
    <ProposalPage
      {...{ version, manages, tiles, rows, shown }}
      connectorId={row.id}
      base={list.inForce?.number ?? null}
      effect={<EffectOf {...{ input, difference }} actions={manages ? actions : null} />}
    />
  );
}

/** What is in force; for that itself, what was in force before. */
function comparedWith(
  asked: string | null,
  version: VersionSummary,
  { inForce, versions }: VersionList,
): string | null {
  if (asked === 'none') return null;
  if (asked !== null) return asked;
  if (version.id !== inForce?.id) return inForce?.id ?? null;
  const before = versions
    .filter(({ appliedAt, id }) => appliedAt !== null && id !== version.id)
    .toSorted((one, other) => Number(other.appliedAt) - Number(one.appliedAt));
  return before[0]?.id ?? null;
}
