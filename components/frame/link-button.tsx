'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  link: {
    display: 'inline-flex',
    alignItems: 'center',
    justifyContent: 'center',
    columnGap: tokens.spacingHorizontalSNudge,
    minHeight: '32px',
    minWidth: '96px',
    padding: `5px ${tokens.spacingHorizontalM}`,
    fontWeight: tokens.fontWeightSemibold,
    lineHeight: tokens.lineHeightBase300,
    textDecorationLine: 'none',
    color: tokens.colorNeutralForeground1,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  primary: {
    color: tokens.colorNeutralForegroundOnBrand,
    backgroundColor: tokens.colorBrandBackground,
    border: '1px solid transparent',
    ':hover': { backgroundColor: tokens.colorBrandBackgroundHover },
  },
  subtle: {
    backgroundColor: 'transparent',
    border: '1px solid transparent',
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
});

export interface LinkButtonProps {
  readonly href: string;
  readonly appearance?: 'secondary' | 'primary' | 'subtle';
  readonly children: ReactNode;
}

/** Looks like a button and is a link: it goes somewhere, so it can be opened in a tab and works before scripts do. */
export function LinkButton({ href, appearance = 'secondary', children }: LinkButtonProps) {
  const styles = useStyles();
  return (
    <Link
      href={href}
      className={mergeClasses(
        styles.link,
        appearance === 'primary' && styles.primary,
        appearance === 'subtle' && styles.subtle,
      )}
    >
      {children}
    </Link>
  );
}
