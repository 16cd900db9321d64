'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { BookmarkRegular } from '@fluentui/react-icons';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { Boundary } from '#components/frame/boundary.tsx';
import { MenuOnDemand } from '#components/frame/menu-on-demand.tsx';
import { useOnDemand } from '#components/frame/on-demand.ts';
import { PartProblem } from '#components/frame/part-problem.tsx';
import { Announcer } from '#components/live/announcer.tsx';
import { LiveNotice } from '#components/live/live-notice.tsx';
import type { LiveRow } from '#components/live/live-state.ts';
import { type LiveStart, useLiveConnectors } from '#components/live/use-live-connectors.ts';
import * as text from '#components/text/text.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { CardOrder } from './card-order.tsx';
import { ConnectorsTable } from './connectors-table.tsx';
import { Filters } from './filters.tsx';
import { NoConnectors, NoMatch } from './nothing-shown.tsx';
import { OrganizationHealth } from './organization-health.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useView } from './use-view.ts';
import { NO_FILTER, type SortColumn, shown } from './view.ts';

// Nobody needs them to see how all is: they come with the first row that is opened, and the first click on Views.
const loadFlyout = async () => (await import('./connector-flyout.tsx')).ConnectorFlyout;
const loadViews = async () => (await import('./saved-views-menu.tsx')).SavedViewsMenu;

const useStyles = makeStyles({
  tab: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  count: { margin: 0, color: tokens.colorNeutralForeground3 },
});

export interface ConnectorsTabProps extends LiveStart {
  /** names of the kinds of the catalogue, by slug */
  readonly kinds: Readonly<Record<string, string>>;
}

/** The Connectors tab: how all of them are, in a sentence; each of them in a row that moves by itself. */
export function ConnectorsTab({ kinds, ...start }: ConnectorsTabProps) {
  const styles = useStyles();
  const state = useLiveConnectors(start);
  const { view, change, open, openView, settle } = useView();
  const rows = useMemo(() => [...state.rows.values()], [state.rows]);
  const all = useMemo(() => rows.map(({ row }) => row), [rows]);
  const visible = useMemo(() => shown(rows, view), [rows, view]);
  const present = useMemo(() => kindsOf(all, kinds), [all, kinds]);
  const search = useRef<HTMLInputElement>(null);
  const clear = useRef<HTMLButtonElement>(null);
  const keptFocus = useKeptFocus(() => clear.current ?? search.current);
  const { sort, descending } = view;
  const onSort = useCallback(
    (column: SortColumn) => change({ sort: column, descending: sort === column && !descending }),
    [change, sort, descending],
  );

  return (
    <div className={styles.tab} {...keptFocus}>
      <LiveNotice stoppedAt={state.stoppedAt} />
      <Announcer state={state} />
      {rows.length === 0 ? (
        <NoConnectors />
      ) : (
        <>
          <OrganizationHealth rows={all} needing={view.needing} onNeeding={(needing) => change({ needing })} />
          <div className={styles.tools}>
            <Filters view={view} kinds={present} search={search} onChange={change} onSettle={settle} />
            <MenuOnDemand
              load={loadViews}
              popup="dialog"
              part="views"
              menu={{ person: start.person, view, onOpen: openView }}
              button={<Button icon={<BookmarkRegular />}>{text.connectorViews.views}</Button>}
            />
            <CardOrder view={view} onChange={change} />
          </div>
          <p className={styles.count} role="status">
            {text.connectorViews.shown(visible.length, rows.length)}
          </p>
          {visible.length === 0 ? (
            <NoMatch clear={clear} onClear={() => change(NO_FILTER)} />
          ) : (
            <ConnectorsTable rows={visible} view={view} kinds={kinds} onSort={onSort} onOpen={open} />
          )}
        </>
      )}
      <Opened live={state.rows.get(view.connector ?? '') ?? null} onClose={() => open(null)} />
    </div>
  );
}

/** The fly-out, whose code comes with the first connector that is opened. */
function Opened({ live, onClose }: { readonly live: LiveRow | null; readonly onClose: () => void }) {
  const { Part, failed, want } = useOnDemand(loadFlyout);
  const isOpen = live !== null;
  useEffect(() => {
    if (isOpen) want();
  }, [isOpen, want]);
  if (live === null) return null;
  if (failed) return <PartProblem part="details" onRetry={want} />;
  if (Part === null) return null;
  return (
    <Boundary
      instead={(error, again) => <PartProblem part="details" reference={error.digest ?? null} onRetry={again} />}
    >
      <Part live={live} onClose={onClose} />
    </Boundary>
  );
}

/** The kinds that some connector has, by their names' order. */
function kindsOf(rows: readonly ConnectorRow[], names: Readonly<Record<string, string>>): Record<string, string> {
  const slugs = [...new Set(rows.map(({ kind }) => kind))];
  const named = slugs.map((slug) => [slug, names[slug] ?? slug] as const);
  return Object.fromEntries(named.sort(([, a], [, b]) => a.localeCompare(b, 'en')));
}
