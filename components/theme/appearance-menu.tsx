'use client';

import { Button } from '@fluentui/react-components';
import { DarkThemeRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { MenuOnDemand } from '#components/frame/menu-on-demand.tsx';
import { remember } from '#components/frame/remember.ts';
import { useHint } from '#components/frame/use-hint.tsx';
import * as text from '#components/text/text.ts';
import { APPEARANCE_COOKIE, type Appearance } from './appearance.ts';

const loadMenu = async () => (await import('./appearance-menu-opened.tsx')).AppearanceMenuOpened;

/** The choice between light, dark and the system's. Takes effect without a reload. */
export function AppearanceMenu({ initially }: { readonly initially: Appearance }) {
  const [appearance, setAppearance] = useState(initially);
  const { control, hint } = useHint(text.frame.theme);

  function onChoose(next: Appearance): void {
    setAppearance(next);
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    void remember(APPEARANCE_COOKIE, next);
  }

  return (
    <>
      <MenuOnDemand
        load={loadMenu}
        popup="menu"
        part="menu"
        menu={{ appearance, onChoose }}
        button={<Button appearance="subtle" icon={<DarkThemeRegular />} {...control} />}
      />
      {hint}
    </>
  );
}
