'use client';

import {
  Button,
  Menu,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  SearchBox,
  Select,
  ToggleButton,
  tokens,
} from '@fluentui/react-components';
import { ColumnTripleRegular, PersonAlertRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { HEALTH_STATES, HEALTH_WORDS } from '#lib/connectors/health.ts';
import { COLUMNS, toggled, type View } from './view.ts';

const useStyles = makeStyles({
  search: { width: '320px', maxWidth: '100%', minWidth: 0 },
  select: { maxWidth: '100%', minWidth: 0 },
  // Nothing to choose there: every card says everything.
  wideOnly: { '@media (max-width: 859px)': { display: 'none' } },
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
  readonly onChange: (change: Partial<View>) => void;
}

/** What the tab shows: by name, health and kind, and with which columns. */
export function Filters({ view, kinds, onChange }: FiltersProps) {
  const styles = useStyles();
  const words = text.connectorViews;
  return (
    <div className={styles.tools}>
      <SearchBox
        className={styles.search}
        aria-label={text.connectors.search}
        placeholder={text.connectors.search}
        value={view.search}
        onChange={(_event, { value }) => onChange({ search: value })}
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
      <Menu
        checkedValues={{ columns: [...view.columns] }}
        onCheckedValueChange={(_event, { checkedItems }) => {
          const changed = COLUMNS.find((column) => checkedItems.includes(column) !== view.columns.includes(column));
          if (changed !== undefined) onChange({ columns: toggled(view.columns, changed) });
        }}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button className={styles.wideOnly} icon={<ColumnTripleRegular />}>
            {words.columns}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {COLUMNS.map((column) => (
              <MenuItemCheckbox key={column} name="columns" value={column}>
                {text.connectors.columns[column]}
              </MenuItemCheckbox>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
    </div>
  );
}
