'use client';

import { Button, Checkbox, Field, makeStyles, SearchBox, Select, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, PersonAlertFilled } from '@fluentui/react-icons';
import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import { Announcer } from '#components/live/announcer.tsx';
import { LiveNotice } from '#components/live/live-notice.tsx';
import { type LiveStart, useLiveConnectors } from '#components/live/use-live-connectors.ts';
import { organizationSentence } from '#components/text/en/connectors.ts';
import { text } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { ConnectorFlyout } from './connector-flyout.tsx';
import { ConnectorsTable, NARROW } from './connectors-table.tsx';
import { queryOf, SORT_COLUMNS, type SortColumn, shown, type View, viewOf } from './view.ts';

const useStyles = makeStyles({
  tab: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  sentence: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  icon: { display: 'flex', fontSize: '24px' },
  well: { color: tokens.colorStatusSuccessForeground1 },
  needing: { color: tokens.colorStatusWarningForeground3 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  search: { width: '320px', maxWidth: '100%' },
  narrowOnly: {
    display: 'none',
    [NARROW]: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', columnGap: tokens.spacingHorizontalS },
  },
  nothing: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalS },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
  },
  paragraph: { margin: 0 },
});

/** The Connectors tab: how all of them are, in a sentence; each of them in a row that moves by itself. */
export function ConnectorsTab(start: LiveStart) {
  const styles = useStyles();
  const state = useLiveConnectors(start);
  const address = viewOf(new URLSearchParams(useSearchParams().toString()));
  const [search, setSearch] = useTyped(address.search);
  const view = { ...address, search };
  const rows = useMemo(() => [...state.rows.values()], [state.rows]);
  const visible = shown(rows, view);

  const open = useCallback((connector: string | null) => go({ connector }, 'push'), []);
  const sort = useCallback((column: SortColumn) => {
    const current = currentView();
    go({ sort: column, descending: current.sort === column && !current.descending }, 'replace');
  }, []);

  return (
    <div className={styles.tab}>
      <LiveNotice stoppedAt={state.stoppedAt} />
      <Announcer state={state} />
      {rows.length === 0 ? (
        <Empty />
      ) : (
        <>
          <Sentence rows={rows.map(({ row }) => row)} needing={view.needing} />
          <div className={styles.tools}>
            <SearchBox
              className={styles.search}
              aria-label={text.connectors.search}
              placeholder={text.connectors.search}
              value={search}
              onChange={(_event, { value }) => {
                setSearch(value);
                go({ search: value }, 'replace');
              }}
            />
            <div className={styles.narrowOnly}>
              <Field label={text.connectors.sortBy} orientation="horizontal">
                <Select
                  value={view.sort}
                  onChange={(_event, { value }) => {
                    const column = SORT_COLUMNS.find((one) => one === value);
                    if (column !== undefined) go({ sort: column }, 'replace');
                  }}
                >
                  {SORT_COLUMNS.map((column) => (
                    <option key={column} value={column}>
                      {text.connectors.columns[column]}
                    </option>
                  ))}
                </Select>
              </Field>
              <Checkbox
                label={text.connectors.descending}
                checked={view.descending}
                onChange={(_event, { checked }) => go({ descending: checked === true }, 'replace')}
              />
            </div>
          </div>
          {visible.length === 0 ? (
            <NoMatch
              onClear={() => {
                setSearch('');
                go({ search: '', needing: false }, 'replace');
              }}
            />
          ) : (
            <ConnectorsTable rows={visible} view={view} onSort={sort} onOpen={open} />
          )}
        </>
      )}
      <ConnectorFlyout live={state.rows.get(view.connector ?? '') ?? null} onClose={() => open(null)} />
    </div>
  );
}

/** What is typed is shown at once; the address follows a moment later, and leads only when somebody goes back. */
function useTyped(inAddress: string): [string, (value: string) => void] {
  const [typed, setTyped] = useState(inAddress);
  useEffect(() => {
    const goneBack = (): void => setTyped(currentView().search);
    addEventListener('popstate', goneBack);
    return () => removeEventListener('popstate', goneBack);
  }, []);
  return [typed, setTyped];
}

function currentView(): View {
  return viewOf(new URLSearchParams(location.search));
}

/** Changes the view in the address, without asking the server: every row is here already. */
function go(change: Partial<View>, how: 'push' | 'replace'): void {
  const address = location.pathname + queryOf({ ...currentView(), ...change });
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

function Sentence({ rows, needing }: { readonly rows: readonly ConnectorRow[]; readonly needing: boolean }) {
  const styles = useStyles();
  const { text: words, until, needing: count } = organizationSentence(rows);
  return (
    <div className={styles.sentence}>
      <span className={`${styles.icon} ${count === 0 ? styles.well : styles.needing}`} aria-hidden>
        {count === 0 ? <CheckmarkCircleFilled /> : <PersonAlertFilled />}
      </span>
      <span>
        {words}
        {until === null ? null : (
          <>
            {' '}
            <Time value={until} />
          </>
        )}
      </span>
      {count === 0 && !needing ? null : (
        <Button appearance="transparent" onClick={() => go({ needing: !needing }, 'replace')}>
          {needing ? text.connectors.showAll : text.connectors.showThem(count)}
        </Button>
      )}
    </div>
  );
}

function Empty() {
  const styles = useStyles();
  const words = text.connectors.empty;
  return (
    <div className={styles.nothing}>
      <h2 className={styles.title}>{words.title}</h2>
      <p className={styles.paragraph}>{words.body}</p>
      <LinkButton appearance="primary" href="/data-connectors">
        {words.add}
      </LinkButton>
    </div>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  const styles = useStyles();
  return (
    <div className={styles.nothing}>
      <p className={styles.paragraph}>{text.problems.noMatch}</p>
      <Button onClick={onClear}>{text.problems.clearFilters}</Button>
    </div>
  );
}
