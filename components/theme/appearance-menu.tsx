'use client';

import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Tooltip } from '@fluentui/react-components';
import { DarkThemeRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { remember } from '#components/frame/remember.ts';
import * as text from '#components/text/text.ts';
import { APPEARANCE_COOKIE, APPEARANCES, type Appearance, appearanceOf } from './appearance.ts';

const LABELS: Readonly<Record<Appearance, string>> = {
  system: text.frame.themeSystem,
  light: text.frame.themeLight,
  dark: text.frame.themeDark,
};

/** The choice between light, dark and the system's. Takes effect without a reload. */
export function AppearanceMenu({ initially }: { readonly initially: Appearance }) {
  const [appearance, setAppearance] = useState(initially);

  function choose(next: Appearance): void {
    setAppearance(next);
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    void remember(APPEARANCE_COOKIE, next);
  }

  return (
    <Menu
      checkedValues={{ appearance: [appearance] }}
      onCheckedValueChange={(_event, { checkedItems }) => choose(appearanceOf(checkedItems[0]))}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={text.frame.theme} relationship="label">
          <Button appearance="subtle" icon={<DarkThemeRegular />} />
        </Tooltip>
      </MenuTrigger>
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
