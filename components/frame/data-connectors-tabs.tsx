'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { text } from '#components/text/text.ts';

const TABS = [
  { label: text.frame.overview, href: '/data-connectors' },
  { label: text.frame.connectors, href: '/data-connectors/connectors' },
] as const;

const useStyles = makeStyles({
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
  },
  tabs: {
    display: 'flex',
    columnGap: tokens.spacingHorizontalS,
    listStyleType: 'none',
    margin: `${tokens.spacingVerticalM} 0 ${tokens.spacingVerticalL}`,
    padding: 0,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tab: {
    display: 'block',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    borderBottom: '3px solid transparent',
    ':hover': { color: tokens.colorNeutralForeground1, borderBottomColor: tokens.colorNeutralStroke1 },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusMedium },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderBottomColor: tokens.colorCompoundBrandStroke,
    ':hover': { borderBottomColor: tokens.colorCompoundBrandStroke },
  },
});

/** The two tabs of Data connectors. Each is an address, so they are links, and the browser's Back works. */
export function DataConnectorsTabs({ children }: { readonly children: ReactNode }) {
  const styles = useStyles();
  const path = usePathname();
  return (
    <>
      <h1 className={styles.title}>{text.frame.dataConnectors}</h1>
      <nav aria-label={text.frame.dataConnectors}>
        <ul className={styles.tabs}>
          {TABS.map(({ label, href }) => (
            <li key={href}>
              <Link
                href={href}
                className={mergeClasses(styles.tab, path === href && styles.current)}
                aria-current={path === href ? 'page' : undefined}
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  );
}
