'use client';

import { Button, makeStyles, Switch, Tooltip, tokens, useRestoreFocusTarget } from '@fluentui/react-components';
import { NavigationRegular } from '@fluentui/react-icons';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import * as text from '#components/text/text.ts';
import type { Appearance } from '#components/theme/appearance.ts';
import { AppearanceMenu } from '#components/theme/appearance-menu.tsx';
import { useShowMyTime } from '#components/time/show-my-time.tsx';
import type { Role } from '#lib/security/roles.ts';
import { AccountMenu } from './account-menu.tsx';
import { NavigationList } from './navigation-list.tsx';

// Only a narrow window has it, and only once it is opened.
const NavigationDrawer = lazy(async () => ({ default: (await import('./navigation-drawer.tsx')).NavigationDrawer }));

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
  const restoreFocus = useRestoreFocusTarget();
  return (
    <>
      <a className={styles.skip} href="#content">
        {text.frame.skipToContent}
      </a>
      <header className={styles.header}>
        <Tooltip content={text.frame.openNavigation} relationship="label">
          <Button
            className={styles.menuButton}
            appearance="subtle"
            icon={<NavigationRegular />}
            aria-expanded={menuOpen}
            onClick={() => setMenuOpen(true)}
            {...restoreFocus}
          />
        </Tooltip>
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
      {menuOpen ? (
        <Suspense fallback={null}>
          <NavigationDrawer roles={person.roles} onClose={() => setMenuOpen(false)} />
        </Suspense>
      ) : null}
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
