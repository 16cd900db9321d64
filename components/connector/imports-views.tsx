'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  list: { display: 'flex', columnGap: tokens.spacingHorizontalL, margin: 0, padding: 0, listStyleType: 'none' },
  link: {
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: 'none',
  },
});

/** The tab *Imports* by import, or by day. */
export function ImportsViews({ connectorId }: { readonly connectorId: string }) {
  const styles = useStyles();
  const path = usePathname();
  const words = text.connectors.imports;
  const base = `/connectors/${connectorId}/imports`;
  const views = [
    { label: words.byImport, href: base },
    { label: words.byDay, href: `${base}/days` },
  ];
  return (
    <nav aria-label={words.views}>
      <ul className={styles.list}>
        {views.map(({ label, href }) => (
          <li key={href}>
            <Link
              href={href}
              className={mergeClasses(styles.link, path === href && styles.current)}
              aria-current={path === href ? 'page' : undefined}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
