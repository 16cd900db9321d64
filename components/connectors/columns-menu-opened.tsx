'use client';

import { Menu, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { OpenedBy } from '#components/frame/menu-on-demand.tsx';
import * as text from '#components/text/text.ts';
import type { ColumnChoice } from './columns-menu.tsx';
import { COLUMNS, toggled } from './view.ts';

export function ColumnsMenuOpened({ columns, onColumns, button, open, onOpenChange }: ColumnChoice & OpenedBy) {
  return (
    <Menu
      open={open}
      onOpenChange={(_event, data) => onOpenChange(data.open)}
      checkedValues={{ columns: [...columns] }}
      onCheckedValueChange={(_event, { checkedItems }) => {
        const changed = COLUMNS.find((column) => checkedItems.includes(column) !== columns.includes(column));
        if (changed !== undefined) onColumns(toggled(columns, changed));
      }}
    >
      <MenuTrigger disableButtonEnhancement>{button}</MenuTrigger>
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
  );
}
