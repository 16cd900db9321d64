'use client';

import { Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { OpenedBy } from '#components/frame/menu-on-demand.tsx';
import * as text from '#components/text/text.ts';
import { APPEARANCES, type Appearance, appearanceOf } from './appearance.ts';

const LABELS: Readonly<Record<Appearance, string>> = {
  system: text.frame.themeSystem,
  light: text.frame.themeLight,
  dark: text.frame.themeDark,
};

interface AppearanceChoice {
  readonly appearance: Appearance;
  readonly onChoose: (next: Appearance) => void;
}

export function AppearanceMenuOpened({
  appearance,
  onChoose,
  button,
  open,
  onOpenChange,
}: AppearanceChoice & OpenedBy) {
  return (
    <Menu
      open={open}
      onOpenChange={(_event, data) => onOpenChange(data.open)}
      checkedValues={{ appearance: [appearance] }}
      onCheckedValueChange={(_event, { checkedItems }) => onChoose(appearanceOf(checkedItems[0]))}
    >
      <MenuTrigger disableButtonEnhancement>{button}</MenuTrigger>
      <MenuPopover>
        <MenuList>
          {APPEARANCES.map((one) => (
            <MenuItemRadio key={one} name="appearance" value={one}>
              {LABELS[one]}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
