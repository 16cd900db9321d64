'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { AuditEntry, AuditPage, AuditState } from '#lib/audit/log.ts';
import { type AuditSelection, auditQuery, isSelective } from '#lib/audit/selection.ts';
import { AuditFilters } from './audit-filters.tsx';
import { EntryPanel } from './entry-panel.tsx';
import { ExportMenu } from './export-menu.tsx';
import { ResultMark } from './result-mark.tsx';
import { VerifiedLine } from './verified-line.tsx';

const words = text.audit;
const BASE = '/audit-log';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  about: { margin: 0, color: tokens.colorNeutralForeground2 },
  pages: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  empty: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalM },
});

const COLUMNS = {
  time: { label: words.columns.time, width: 'time' },
  who: { label: words.columns.who, width: 'time' },
  what: { label: words.columns.what, width: 'wide' },
  on: { label: words.columns.on, width: 'time' },
  result: { label: words.columns.result, width: 'small' },
  more: { label: words.columns.more, width: 'small' },
} as const satisfies Record<string, CardColumn>;

export interface AuditLogProps {
  readonly page: AuditPage;
  readonly state: AuditState;
  readonly selection: AuditSelection;
}

/** Who did what, searched and exported, and whether the log is as it was written. Every choice is an address. */
export function AuditLog({ page, state, selection }: AuditLogProps) {
  const styles = useStyles();
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1 className={styles.title}>{words.title}</h1>
        <ExportMenu selection={selection} />
      </div>
      <p className={styles.about}>{words.about}</p>
      <VerifiedLine state={state} />
      <AuditFilters key={auditQuery({ ...selection, before: null })} base={BASE} selection={selection} />
      {page.entries.length === 0 ? (
        <div className={styles.empty}>
          <p className={styles.about}>{isSelective(selection) ? text.problems.noMatch : words.empty}</p>
          {isSelective(selection) ? <LinkButton href={BASE}>{words.filters.clear}</LinkButton> : null}
        </div>
      ) : (
        <CardTable label={words.title} columns={Object.values(COLUMNS)}>
          {page.entries.map((entry) => (
            <Line key={entry.id} entry={entry} />
          ))}
        </CardTable>
      )}
      {selection.before === null && page.next === null ? null : (
        <div className={styles.pages}>
          {selection.before === null ? null : (
            <LinkButton href={BASE + auditQuery({ ...selection, before: null })}>{words.newest}</LinkButton>
          )}
          {page.next === null ? null : (
            <LinkButton href={BASE + auditQuery({ ...selection, before: page.next })}>{words.older}</LinkButton>
          )}
        </div>
      )}
    </div>
  );
}

function Line({ entry }: { readonly entry: AuditEntry }) {
  return (
    <CardRow>
      <CardCell column={COLUMNS.time}>
        <Time value={entry.at} />
      </CardCell>
      <CardCell column={COLUMNS.who}>{entry.person ?? text.history.portal}</CardCell>
      <CardCell column={COLUMNS.what}>{text.history.deed(entry.action, entry.shown)}</CardCell>
      <CardCell column={COLUMNS.on}>
        {entry.targetType === 'organization' ? words.organization : (entry.targetName ?? entry.targetId)}
      </CardCell>
      <CardCell column={COLUMNS.result}>
        <ResultMark result={entry.result} />
      </CardCell>
      <CardCell column={COLUMNS.more}>
        <EntryPanel entry={entry} />
      </CardCell>
    </CardRow>
  );
}
