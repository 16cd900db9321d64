'use client';

import { Button } from '@fluentui/react-components';
import { ColumnTripleRegular } from '@fluentui/react-icons';
import { MenuOnDemand } from '#components/frame/menu-on-demand.tsx';
import * as text from '#components/text/text.ts';
import type { Column } from './view.ts';

const loadMenu = async () => (await import('./columns-menu-opened.tsx')).ColumnsMenuOpened;

export interface ColumnChoice {
  readonly columns: readonly Column[];
  readonly onColumns: (columns: readonly Column[]) => void;
}

/** Which columns the grid has, or which lines its cards. */
export function ColumnsMenu(choice: ColumnChoice) {
  return (
    <MenuOnDemand
      load={loadMenu}
      popup="menu"
      part="menu"
      menu={choice}
      button={<Button icon={<ColumnTripleRegular />}>{text.connectorViews.columns}</Button>}
    />
  );
}
