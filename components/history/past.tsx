'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { Section } from '#components/connector/section.tsx';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { DeletedConnector } from '#lib/connectors/deleted.ts';
import type { HistoryPage } from '#lib/connectors/history.ts';
import { EntryTable } from './entry-table.tsx';

const words = text.history;
const BASE = '/data-connectors/history';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXXL },
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  about: { margin: 0, color: tokens.colorNeutralForeground2 },
  commands: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

const { columns } = words.deleted;
const COLUMNS = {
  name: { label: columns.name, width: 'wide' },
  account: { label: columns.account, width: 'wide' },
  deleted: { label: columns.deleted, width: 'time' },
  by: { label: columns.by, width: 'wide' },
  imports: { label: columns.imports, width: 'small' },
  see: { label: columns.see, width: 'wide' },
} as const satisfies Record<string, CardColumn>;

export interface PastProps {
  readonly deleted: { readonly connectors: readonly DeletedConnector[]; readonly next: string | null };
  /** this is not the first page of them */
  readonly later: boolean;
  /** null for who may not see who did what */
  readonly organization: HistoryPage | null;
  readonly olderActs: boolean;
}

/** What is over: deleted connectors with the way to their evidence, and what was done to the organization. */
export function Past({ deleted, later, organization, olderActs }: PastProps) {
  const styles = useStyles();
  const seesHistory = organization !== null;
  const shown = Object.values(COLUMNS).filter((column) => seesHistory || column !== COLUMNS.by);
  return (
    <div className={styles.page}>
      <Section title={words.deleted.title}>
        <div className={styles.block}>
          <p className={styles.about}>{deleted.connectors.length === 0 ? words.deleted.empty : words.deleted.about}</p>
          {deleted.connectors.length === 0 ? null : (
            <CardTable label={words.deleted.title} columns={shown}>
              {deleted.connectors.map((one) => (
                <Line key={one.id} connector={one} seesHistory={seesHistory} />
              ))}
            </CardTable>
          )}
          {later || deleted.next !== null ? (
            <div className={styles.commands}>
              {later ? <LinkButton href={BASE}>{words.deleted.newest}</LinkButton> : null}
              {deleted.next === null ? null : (
                <LinkButton href={`${BASE}?deletedBefore=${deleted.next}`}>{words.deleted.older}</LinkButton>
              )}
            </div>
          ) : null}
        </div>
      </Section>
      {organization === null ? null : (
        <Section title={words.organization.title}>
          <div className={styles.block}>
            <p className={styles.about}>
              {organization.entries.length === 0 ? words.organization.empty : words.organization.about}
            </p>
            {organization.entries.length === 0 ? null : (
              <EntryTable label={words.organization.label} entries={organization.entries} />
            )}
            {olderActs || organization.next !== null ? (
              <div className={styles.commands}>
                {olderActs ? <LinkButton href={BASE}>{words.newest}</LinkButton> : null}
                {organization.next === null ? null : (
                  <LinkButton href={`${BASE}?before=${organization.next}`}>{words.older}</LinkButton>
                )}
              </div>
            ) : null}
          </div>
        </Section>
      )}
    </div>
  );
}

function Line({ connector, seesHistory }: { readonly connector: DeletedConnector; readonly seesHistory: boolean }) {
  const styles = useStyles();
  const { id, name, accountName, deletedAt, deletedBy, imports } = connector;
  return (
    <CardRow>
      <CardCell column={COLUMNS.name}>{name}</CardCell>
      <CardCell column={COLUMNS.account}>{accountName}</CardCell>
      <CardCell column={COLUMNS.deleted}>
        <Time value={deletedAt} />
      </CardCell>
      {seesHistory ? <CardCell column={COLUMNS.by}>{deletedBy ?? words.deleted.unknown}</CardCell> : null}
      <CardCell column={COLUMNS.imports}>{imports.toLocaleString('en-US')}</CardCell>
      <CardCell column={COLUMNS.see}>
        <div className={styles.commands}>
          <LinkButton href={`/connectors/${id}/imports`}>{words.deleted.importsOf(name)}</LinkButton>
          {seesHistory ? (
            <LinkButton href={`/connectors/${id}/history`}>{words.deleted.historyOf(name)}</LinkButton>
          ) : null}
        </div>
      </CardCell>
    </CardRow>
  );
}
