'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

const useStyles = makeStyles({
  tabs: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalS,
    listStyleType: 'none',
    margin: `0 0 ${tokens.spacingVerticalL}`,
    padding: 0,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  tab: {
    display: 'block',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    borderBottom: '3px solid transparent',
    // Colours of one's own paint what is transparent.
    '@media (forced-colors: active)': { borderBottomColor: 'Canvas' },
    ':hover': { color: tokens.colorNeutralForeground1, borderBottomColor: tokens.colorNeutralStroke1 },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusMedium },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderBottomColor: tokens.colorCompoundBrandStroke,
    ':hover': { borderBottomColor: tokens.colorCompoundBrandStroke },
    '@media (forced-colors: active)': { borderBottomColor: 'Highlight' },
  },
});

export interface TabLinksProps {
  /** what the tabs are tabs of, for screen readers */
  readonly label: string;
  readonly tabs: readonly Tab[];
}

interface Tab {
  readonly label: string;
  readonly href: string;
  /** pages below its address are in the tab, too */
  readonly withPagesBelow?: boolean;
}

/** Tabs that each are an address: they are links, and the browser's Back works. */
export function TabLinks({ label, tabs }: TabLinksProps) {
  const styles = useStyles();
  const path = usePathname();
  return (
    <nav aria-label={label}>
      <ul className={styles.tabs}>
        {tabs.map(({ label: name, href, withPagesBelow = false }) => {
          const isPage = path === href;
          const isCurrent = isPage || (withPagesBelow && path.startsWith(`${href}/`));
          return (
            <li key={href}>
              <Link
                href={href}
                className={mergeClasses(styles.tab, isCurrent && styles.current)}
                aria-current={isPage ? 'page' : isCurrent ? 'true' : undefined}
              >
                {name}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
