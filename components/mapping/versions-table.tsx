'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import {
  ArrowDownloadRegular,
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleRegular,
  HistoryRegular,
} from '@fluentui/react-icons';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { madeOf } from '#components/text/en/mapping.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { mappingAddress, versionAddress } from './addresses.ts';
import { type Restore, RestoreButton } from './restore-button.tsx';

const words = text.mapping.versions;

const useStyles = makeStyles({
  status: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  inForce: { display: 'flex', color: tokens.colorStatusSuccessForeground1 },
  icon: { display: 'flex', color: tokens.colorNeutralForeground3 },
  line: { display: 'block' },
  muted: { display: 'block', color: tokens.colorNeutralForeground3 },
  hash: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  commands: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
});

const { columns } = words;
const COLUMNS = {
  version: { label: columns.version, width: 'medium' },
  who: { label: columns.who, width: 'time' },
  why: { label: columns.why, width: 'wide' },
  rows: { label: columns.rows, width: 'small' },
  file: { label: columns.file, width: 'wide' },
  commands: { label: columns.commands, width: 'wide' },
} as const satisfies Record<string, CardColumn>;

export interface VersionsTableProps {
  readonly connectorId: string;
  readonly versions: readonly VersionSummary[];
  readonly inForce: VersionSummary | null;
  /** null where the person may only look */
  readonly restore: Restore | null;
}

/** Every version, the newest first, with what can be done with it. */
export function VersionsTable({ versions, ...props }: VersionsTableProps) {
  return (
    <CardTable label={words.table} columns={Object.values(COLUMNS)}>
      {versions.map((version) => (
        <Line key={version.id} version={version} {...props} />
      ))}
    </CardTable>
  );
}

interface LineProps extends Omit<VersionsTableProps, 'versions'> {
  readonly version: VersionSummary;
}

function Line({ version, connectorId, restore }: LineProps) {
  const styles = useStyles();
  const { status, number, appliedAt, fileSha256, rowsClearedAt } = version;
  return (
    <CardRow>
      <CardCell column={COLUMNS.version}>
        <span className={styles.line}>{number}</span>
        <Status version={version} />
      </CardCell>
      <CardCell column={COLUMNS.who}>
        <span className={styles.line}>{version.appliedBy ?? version.discardedBy ?? version.createdBy}</span>
        <span className={styles.line}>
          <Time value={appliedAt ?? version.discardedAt ?? version.createdAt} />
        </span>
        {version.approvedBy === null ? null : (
          <span className={styles.muted}>{words.approvedBy(version.approvedBy)}</span>
        )}
      </CardCell>
      <CardCell column={COLUMNS.why}>
        {version.declinedReason ?? version.reason ?? <span className={styles.muted}>{words.noReason}</span>}
      </CardCell>
      <CardCell column={COLUMNS.rows}>
        <span className={styles.line}>{text.mapping.difference.count(version.rowCount)}</span>
        {rowsClearedAt === null ? null : <span className={styles.muted}>{text.mapping.clearedShort}</span>}
      </CardCell>
      <CardCell column={COLUMNS.file}>
        <span className={styles.line}>{version.fileName ?? words.origins[version.origin]}</span>
        <span className={styles.muted}>{madeOf(version)}</span>
        {fileSha256 === null ? null : <span className={styles.hash}>{words.sha(fileSha256)}</span>}
      </CardCell>
      <CardCell column={COLUMNS.commands}>
        <div className={styles.commands}>
          <LinkButton href={versionAddress(connectorId, version.id)}>
            {status === 'proposed' ? text.mapping.proposals.reviewOf(number) : words.compareOf(number)}
          </LinkButton>
          {restore === null || rowsClearedAt !== null ? null : (
            <Button
              as="a"
              href={`/api${mappingAddress(connectorId)}/${version.id}`}
              download
              icon={<ArrowDownloadRegular />}
              aria-label={text.mapping.downloadOf(number)}
            >
              {text.mapping.download}
            </Button>
          )}
          {restore === null || status !== 'superseded' ? null : (
            <RestoreButton connectorId={connectorId} version={version} restore={restore} />
          )}
        </div>
      </CardCell>
    </CardRow>
  );
}

/** As an icon and a word. */
function Status({ version: { status, declinedReason } }: { readonly version: VersionSummary }) {
  const styles = useStyles();
  const Icon = ICONS[status];
  return (
    <span className={styles.status}>
      <span className={status === 'in_force' ? styles.inForce : styles.icon} aria-hidden>
        <Icon />
      </span>
      {declinedReason === null ? words.statuses[status] : words.declined}
    </span>
  );
}

const ICONS = {
  in_force: CheckmarkCircleFilled,
  superseded: HistoryRegular,
  proposed: ClockRegular,
  discarded: DismissCircleRegular,
} as const;
