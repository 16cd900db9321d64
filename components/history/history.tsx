'use client';

import { Field, makeStyles, Select, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import type { HistoryPage, HistoryPerson } from '#lib/connectors/history.ts';
import { ACT_KINDS, type HistorySelection, historyQuery } from '#lib/connectors/history-words.ts';
import { EntryTable } from './entry-table.tsx';

const words = text.history;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  about: { margin: 0, color: tokens.colorNeutralForeground2 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  // As wide as its longest choice otherwise: a name may be an address.
  field: { width: '240px', maxWidth: '100%', gridTemplateColumns: 'minmax(0, 1fr)' },
  pages: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  empty: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalM },
});

export interface HistoryProps {
  readonly connectorId: string;
  readonly page: HistoryPage;
  readonly people: readonly HistoryPerson[];
  readonly selection: HistorySelection;
}

/** Who did what to a connector. Every choice is an address, so that it can be sent to somebody, and Back works. */
export function History({ connectorId, page, people, selection }: HistoryProps) {
  const styles = useStyles();
  const router = useRouter();
  const [, start] = useTransition();
  const base = `/connectors/${connectorId}/history`;
  const go = (change: Partial<HistorySelection>): void =>
    start(() => router.push(base + historyQuery({ ...selection, before: null, ...change })));
  const isFiltered = selection.person !== null || selection.kind !== null;
  return (
    <div className={styles.page}>
      <p className={styles.about}>{words.about}</p>
      <div className={styles.tools}>
        <Field label={words.filters.person} className={styles.field}>
          <Select value={selection.person ?? ''} onChange={(_event, { value }) => go({ person: value || null })}>
            <option value="">{words.filters.anybody}</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name ?? words.portal}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={words.filters.kind} className={styles.field}>
          <Select
            value={selection.kind ?? ''}
            onChange={(_event, { value }) => go({ kind: ACT_KINDS.find((one) => one === value) ?? null })}
          >
            <option value="">{words.filters.anything}</option>
            {ACT_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {words.kinds[kind]}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {page.entries.length === 0 ? (
        <div className={styles.empty}>
          <p className={styles.about}>{isFiltered ? text.problems.noMatch : words.empty}</p>
          {isFiltered ? <LinkButton href={base}>{text.problems.clearFilters}</LinkButton> : null}
        </div>
      ) : (
        <EntryTable label={words.title} entries={page.entries} />
      )}
      {selection.before === null && page.next === null ? null : (
        <div className={styles.pages}>
          {selection.before === null ? null : (
            <LinkButton href={base + historyQuery({ ...selection, before: null })}>{words.newest}</LinkButton>
          )}
          {page.next === null ? null : (
            <LinkButton href={base + historyQuery({ ...selection, before: page.next })}>{words.older}</LinkButton>
          )}
        </div>
      )}
    </div>
  );
}
