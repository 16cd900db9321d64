'use client';

import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { TabLinks } from '#components/frame/tab-links.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { DeletedConnector } from '#lib/connectors/deleted.ts';

const words = text.history.deleted;

const useStyles = makeStyles({
  header: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  back: {
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
});

interface DeletedHeaderProps {
  readonly connector: DeletedConnector;
  readonly seesHistory: boolean;
}

/** What stands above the evidence of a connector that was deleted. */
export function DeletedHeader({ connector, seesHistory }: DeletedHeaderProps) {
  const styles = useStyles();
  const { page } = text.connectors;
  const base = `/connectors/${connector.id}`;
  const tabs = [
    { label: page.imports, href: `${base}/imports`, withPagesBelow: true },
    ...(seesHistory ? [{ label: page.history, href: `${base}/history` }] : []),
  ];
  return (
    <div className={styles.header}>
      <nav aria-label={page.path}>
        <Link className={styles.back} href="/data-connectors/history">
          {words.back}
        </Link>
      </nav>
      <h1 className={styles.title}>{connector.name}</h1>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          {words.sentence(connector.deletedBy)} <Time value={connector.deletedAt} />. {words.stays}
        </MessageBarBody>
      </MessageBar>
      <TabLinks label={page.tabs} tabs={tabs} />
    </div>
  );
}
