'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import * as text from '#components/text/text.ts';
import { TabLinks } from './tab-links.tsx';

const TABS = [
  { label: text.frame.overview, href: '/data-connectors' },
  { label: text.frame.connectors, href: '/data-connectors/connectors' },
  { label: text.history.title, href: '/data-connectors/history' },
] as const;

const useStyles = makeStyles({
  title: {
    margin: `0 0 ${tokens.spacingVerticalM}`,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
  },
});

/** The tabs of Data connectors. */
export function DataConnectorsTabs({ children }: { readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <>
      <h1 className={styles.title}>{text.frame.dataConnectors}</h1>
      <TabLinks label={text.frame.dataConnectors} tabs={TABS} />
      {children}
    </>
  );
}
