'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    overflowWrap: 'anywhere',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
});

interface TextLinkProps {
  readonly href: string;
  /** what it is called where its words alone do not say it */
  readonly label?: string;
  readonly children: ReactNode;
}

/** A link within a sentence. */
export function TextLink({ href, label, children }: TextLinkProps) {
  return (
    <Link href={href} className={useStyles().link} {...(label === undefined ? {} : { 'aria-label': label })}>
      {children}
    </Link>
  );
}
