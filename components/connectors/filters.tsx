'use client';

import { makeStyles, SearchBox, Select, ToggleButton, tokens } from '@fluentui/react-components';
import { PersonAlertRegular } from '@fluentui/react-icons';
import { type RefObject, useEffect, useRef } from 'react';
import * as text from '#components/text/text.ts';
import { HEALTH_STATES, HEALTH_WORDS } from '#lib/connectors/health.ts';
import { ColumnsMenu } from './columns-menu.tsx';
import type { View } from './view.ts';

const useStyles = makeStyles({
  search: { width: '320px', maxWidth: '100%', minWidth: 0 },
  select: { maxWidth: '100%', minWidth: 0 },
  tools: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    // In a narrow window it is as wide as that, and what is in it may be no wider.
    minWidth: 0,
    maxWidth: '100%',
  },
});

export interface FiltersProps {
  readonly view: View;
  /** names of the kinds that some connector has, by slug */
  readonly kinds: Readonly<Record<string, string>>;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly onChange: (change: Partial<View>) => void;
  /** somebody leaves the search */
  readonly onSettle: () => void;
}

/** What the tab shows: by name, health and kind, and with which columns. */
export function Filters({ view, kinds, search, onChange, onSettle }: FiltersProps) {
  const styles = useStyles();
  const words = text.connectorViews;
  // What was typed before the page's scripts were here is heard when they are.
  const typedBefore = useRef(onChange);
  useEffect(() => {
    const value = search.current?.value ?? '';
    if (value !== search.current?.defaultValue) typedBefore.current({ search: value });
  }, [search]);
  return (
    <div className={styles.tools}>
      <SearchBox
        ref={search}
        className={styles.search}
        aria-label={text.connectors.search}
        placeholder={text.connectors.search}
        value={view.search}
        onChange={(_event, { value }) => onChange({ search: value })}
        onBlur={onSettle}
      />
      <Select
        className={styles.select}
        aria-label={words.health}
        value={view.health ?? ''}
        onChange={(_event, { value }) => onChange({ health: HEALTH_STATES.find((one) => one === value) ?? null })}
      >
        <option value="">{words.anyHealth}</option>
        {HEALTH_STATES.map((one) => (
          <option key={one} value={one}>
            {HEALTH_WORDS[one]}
          </option>
        ))}
      </Select>
      <Select
        className={styles.select}
        aria-label={words.kind}
        value={view.kind ?? ''}
        onChange={(_event, { value }) => onChange({ kind: value === '' ? null : value })}
      >
        <option value="">{words.anyKind}</option>
        {Object.entries(kinds).map(([slug, name]) => (
          <option key={slug} value={slug}>
            {name}
          </option>
        ))}
      </Select>
      <ToggleButton
        icon={<PersonAlertRegular />}
        checked={view.needing}
        onClick={() => onChange({ needing: !view.needing })}
      >
        {words.needing}
      </ToggleButton>
      <ColumnsMenu columns={view.columns} onColumns={(columns) => onChange({ columns })} />
    </div>
  );
}
