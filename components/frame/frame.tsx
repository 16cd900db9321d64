'use client';

import { Button, makeStyles, Switch, tokens } from '@fluentui/react-components';
import { NavigationRegular } from '@fluentui/react-icons';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import * as text from '#components/text/text.ts';
import type { Appearance } from '#components/theme/appearance.ts';
import { AppearanceMenu } from '#components/theme/appearance-menu.tsx';
import { useShowMyTime } from '#components/time/show-my-time.tsx';
import type { Role } from '#lib/security/roles.ts';
import { AccountMenu } from './account-menu.tsx';
import { Boundary } from './boundary.tsx';
import { NavigationList } from './navigation-list.tsx';
import { useOnDemand } from './on-demand.ts';
import { PartProblem } from './part-problem.tsx';
import { useHint } from './use-hint.tsx';

// Only a narrow window has it, and only once it is opened.
// No page is drawn with it, and every dialog needs it from the moment at which it closes.
const loadFocusKeeper = async () => (await import('./focus-keeper.tsx')).FocusKeeper;
const loadDrawer = async () => (await import('./navigation-drawer.tsx')).NavigationDrawer;

const WIDE = '@media (min-width: 900px)';

const useStyles = makeStyles({
  header: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    minHeight: '48px',
    padding: `0 ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground3,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: {
    flexGrow: 1,
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
    // On a telephone the name is in the drawer; the room belongs to the controls.
    '@media (max-width: 480px)': { visibility: 'hidden' },
  },
  menuButton: { [WIDE]: { display: 'none' } },
  showMyTime: { flexShrink: 0 },
  columns: { display: 'flex', alignItems: 'stretch', flexGrow: 1 },
  aside: {
    display: 'none',
    [WIDE]: { display: 'block' },
    width: '220px',
    flexShrink: 0,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalS}`,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  main: {
    flexGrow: 1,
    minWidth: 0,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalL}`,
    [WIDE]: { padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXXXL}` },
    ':focus': { outline: 'none' },
  },
  skip: {
    position: 'absolute',
    left: tokens.spacingHorizontalM,
    top: '-60px',
    zIndex: 10,
    padding: tokens.spacingVerticalS,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    ':focus': { top: tokens.spacingVerticalS },
  },
});

export interface FrameProps {
  readonly person: { readonly name: string; readonly address: string; readonly roles: readonly Role[] };
  readonly appearance: Appearance;
  readonly children: ReactNode;
}

/** What is around every page of the portal: header, navigation, and the page in a landmark of its own. */
export function Frame({ person, appearance, children }: FrameProps) {
  const styles = useStyles();
  const time = useShowMyTime();
  const [menuOpen, setMenuOpen] = useState(false);
  const { control, hint } = useHint(text.frame.openNavigation);
  const drawer = useOnDemand(loadDrawer);
  const { Part: FocusKeeper, want: wantFocusKeeper } = useOnDemand(loadFocusKeeper);
  useEffect(wantFocusKeeper, [wantFocusKeeper]);
  const menuButton = useRef<HTMLButtonElement>(null);
  function openMenu(): void {
    setMenuOpen(true);
    drawer.want();
  }
  function closeMenu(): void {
    setMenuOpen(false);
    // The drawer holds the focus until it is gone.
    requestAnimationFrame(() => menuButton.current?.focus());
  }
  return (
    <>
      <a className={styles.skip} href="#content">
        {text.frame.skipToContent}
      </a>
      <header className={styles.header}>
        <Button
          ref={menuButton}
          className={styles.menuButton}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-expanded={menuOpen}
          {...control}
          onClick={openMenu}
        />
        {hint}
        <span className={styles.name}>{text.frame.productName}</span>
        <Switch
          className={styles.showMyTime}
          label={text.frame.showMyTime}
          checked={time.on}
          onChange={(_event, { checked }) => time.set(checked)}
        />
        <AppearanceMenu initially={appearance} />
        <AccountMenu name={person.name} address={person.address} />
      </header>
      {menuOpen && drawer.failed ? <PartProblem part="navigation" onRetry={drawer.want} /> : null}
      {menuOpen && drawer.Part !== null ? (
        <Boundary instead={(_error, again) => <PartProblem part="navigation" onRetry={again} />}>
          <drawer.Part roles={person.roles} onClose={closeMenu} />
        </Boundary>
      ) : null}
      {FocusKeeper === null ? null : <FocusKeeper />}
      <div className={styles.columns}>
        <div className={styles.aside}>
          <NavigationList roles={person.roles} />
        </div>
        <main id="content" tabIndex={-1} className={styles.main}>
          {children}
        </main>
      </div>
    </>
  );
}
