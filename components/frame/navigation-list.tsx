'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  ClipboardTaskListLtrRegular,
  DocumentSearchRegular,
  PlugConnectedRegular,
  SettingsRegular,
} from '@fluentui/react-icons';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactElement } from 'react';
import * as text from '#components/text/text.ts';
import type { Role } from '#lib/security/roles.ts';
import { currentEntry, type NavigationEntry, navigationFor } from './navigation.ts';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', rowGap: tokens.spacingVerticalXXS },
  link: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    minHeight: '40px',
    padding: `0 ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusMedium,
    borderLeft: '3px solid transparent',
    // Colours of one's own paint what is transparent.
    '@media (forced-colors: active)': { borderLeftColor: 'Canvas' },
    ':hover': { backgroundColor: tokens.colorNeutralBackground3Hover, color: tokens.colorNeutralForeground2Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorNeutralBackground3Selected,
    borderLeftColor: tokens.colorBrandStroke1,
    '@media (forced-colors: active)': { borderLeftColor: 'Highlight' },
  },
  icon: { fontSize: '20px', flexShrink: 0, display: 'flex' },
});

const ICONS: Readonly<Record<NavigationEntry['icon'], ReactElement>> = {
  connectors: <PlugConnectedRegular />,
  evidence: <DocumentSearchRegular />,
  audit: <ClipboardTaskListLtrRegular />,
  settings: <SettingsRegular />,
};

export interface NavigationListProps {
  readonly roles: readonly Role[];
  readonly onChosen?: () => void;
}

export function NavigationList({ roles, onChosen }: NavigationListProps) {
  const styles = useStyles();
  const current = currentEntry(usePathname());
  return (
    <nav aria-label={text.frame.navigation}>
      <ul className={styles.list}>
        {navigationFor(roles).map((entry) => (
          <li key={entry.href}>
            <Link
              href={entry.href}
              className={mergeClasses(styles.link, entry === current && styles.current)}
              aria-current={entry === current ? 'page' : undefined}
              {...(onChosen ? { onClick: onChosen } : {})}
            >
              <span className={styles.icon} aria-hidden>
                {ICONS[entry.icon]}
              </span>
              {entry.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
