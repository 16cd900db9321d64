'use client';

import { Button, Checkbox, Field, makeStyles, mergeClasses, Select, tokens } from '@fluentui/react-components';
import { BookmarkRegular, CheckmarkCircleFilled, PersonAlertFilled } from '@fluentui/react-icons';
import { useSearchParams } from 'next/navigation';
import { type ComponentProps, lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import { Announcer } from '#components/live/announcer.tsx';
import { LiveNotice } from '#components/live/live-notice.tsx';
import { type LiveStart, useLiveConnectors } from '#components/live/use-live-connectors.ts';
import { organizationSentence } from '#components/text/en/connectors.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { ConnectorsTable, NARROW } from './connectors-table.tsx';
import { Filters } from './filters.tsx';
import { NO_FILTER, queryOf, SORT_COLUMNS, type SortColumn, shown, type View, viewOf } from './view.ts';

// Nobody needs it to see how all is: it comes with the first row that is opened.
const ConnectorFlyout = lazy(async () => ({ default: (await import('./connector-flyout.tsx')).ConnectorFlyout }));

const SavedViewsMenu = lazy(async () => ({ default: (await import('./saved-views-menu.tsx')).SavedViewsMenu }));

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
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  count: { margin: 0, color: tokens.colorNeutralForeground3 },
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

export interface ConnectorsTabProps extends LiveStart {
  /** names of the kinds of the catalogue, by slug */
  readonly kinds: Readonly<Record<string, string>>;
}

/** The Connectors tab: how all of them are, in a sentence; each of them in a row that moves by itself. */
export function ConnectorsTab({ kinds, ...start }: ConnectorsTabProps) {
  const styles = useStyles();
  const state = useLiveConnectors(start);
  const query = useSearchParams().toString();
  const address = useMemo(() => viewOf(new URLSearchParams(query)), [query]);
  const [search, setSearch] = useTyped(address.search);
  const view = useMemo(() => ({ ...address, search }), [address, search]);
  const rows = useMemo(() => [...state.rows.values()], [state.rows]);
  const all = useMemo(() => rows.map(({ row }) => row), [rows]);
  const visible = useMemo(() => shown(rows, view), [rows, view]);
  const present = useMemo(() => kindsOf(all, kinds), [all, kinds]);

  const opened = state.rows.get(view.connector ?? '') ?? null;
  const open = useCallback((connector: string | null) => go({ connector }, 'push'), []);
  const sort = useCallback((column: SortColumn) => {
    const current = currentView();
    go({ sort: column, descending: current.sort === column && !current.descending }, 'replace');
  }, []);
  function change(changed: Partial<View>): void {
    if (changed.search !== undefined) setSearch(changed.search);
    go(changed, 'replace');
  }
  function openView(wanted: string): void {
    setSearch(viewOf(new URLSearchParams(wanted)).search);
    history.pushState(null, '', location.pathname + wanted);
  }

  return (
    <div className={styles.tab}>
      <LiveNotice stoppedAt={state.stoppedAt} />
      <Announcer state={state} />
      {rows.length === 0 ? (
        <Empty />
      ) : (
        <>
          <Sentence rows={all} needing={view.needing} />
          <div className={styles.tools}>
            <Filters view={view} kinds={present} onChange={change} />
            <SavedViews person={start.person} view={view} onOpen={openView} />
            <NarrowSort view={view} onChange={change} />
          </div>
          <p className={styles.count} role="status">
            {text.connectorViews.shown(visible.length, rows.length)}
          </p>
          {visible.length === 0 ? (
            <NoMatch onClear={() => change(NO_FILTER)} />
          ) : (
            <ConnectorsTable rows={visible} view={view} kinds={kinds} onSort={sort} onOpen={open} />
          )}
        </>
      )}
      {opened === null ? null : (
        <Suspense fallback={null}>
          <ConnectorFlyout live={opened} onClose={() => open(null)} />
        </Suspense>
      )}
    </div>
  );
}

function SavedViews(props: ComponentProps<typeof SavedViewsMenu>) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <Button icon={<BookmarkRegular />} aria-haspopup="dialog" onClick={() => setWanted(true)}>
      {text.connectorViews.views}
    </Button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <SavedViewsMenu {...props} />
    </Suspense>
  );
}

/** The kinds that some connector has, by their names' order. */
function kindsOf(rows: readonly ConnectorRow[], names: Readonly<Record<string, string>>): Record<string, string> {
  const slugs = [...new Set(rows.map(({ kind }) => kind))];
  const named = slugs.map((slug) => [slug, names[slug] ?? slug] as const);
  return Object.fromEntries(named.sort(([, a], [, b]) => a.localeCompare(b, 'en')));
}

/** Cards have no header to click on. */
function NarrowSort({ view, onChange }: { readonly view: View; readonly onChange: (change: Partial<View>) => void }) {
  const styles = useStyles();
  return (
    <div className={styles.narrowOnly}>
      <Field label={text.connectors.sortBy} orientation="horizontal">
        <Select
          value={view.sort}
          onChange={(_event, { value }) => {
            const column = SORT_COLUMNS.find((one) => one === value);
            if (column !== undefined) onChange({ sort: column });
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
        onChange={(_event, { checked }) => onChange({ descending: checked === true })}
      />
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
      <span className={mergeClasses(styles.icon, count === 0 ? styles.well : styles.needing)} aria-hidden>
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
