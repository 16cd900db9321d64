'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { HealthSentence } from '#components/connectors/health-sentence.tsx';
import { TabLinks } from '#components/frame/tab-links.tsx';
import { UploadButton } from '#components/mapping/upload-button.tsx';
import * as text from '#components/text/text.ts';
import { toDoCount } from '#lib/connectors/health.ts';
import { Commands, type ConnectorCommands } from './commands.tsx';
import { useLiveConnector } from './live-connector.tsx';
import { Mend, type MendActions } from './mend.tsx';

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

export interface ConnectorHeaderProps {
  /** name at the source, to sign in again with */
  readonly username: string;
  /** null where the person may only look */
  readonly actions: (ConnectorCommands & MendActions) | null;
  /** whether the person may upload a mapping */
  readonly maps: boolean;
  /** whether the person may see who did what */
  readonly seesHistory: boolean;
}

/** What stands above every tab of a connector: its name, how it is, what can be done. */
export function ConnectorHeader({ username, actions, maps, seesHistory }: ConnectorHeaderProps) {
  const styles = useStyles();
  const live = useLiveConnector();
  const path = usePathname();
  if (live === null) return null;
  const { row } = live;
  const words = text.connectors.page;
  const base = `/connectors/${row.id}`;
  // There the mapping has the primary button, and a button of its own for a file.
  const isMapping = path.startsWith(`${base}/mapping`);
  const tabs = [
    { label: words.summary, href: base },
    { label: words.imports, href: `${base}/imports`, withPagesBelow: true },
    { label: text.undone.tab(toDoCount(row.toDo)), href: `${base}/not-imported` },
    { label: text.mapping.title, href: `${base}/mapping`, withPagesBelow: true },
    { label: words.coverage, href: `${base}/coverage` },
    { label: words.settings, href: `${base}/settings` },
    ...(seesHistory ? [{ label: words.history, href: `${base}/history` }] : []),
  ];
  return (
    <div className={styles.header}>
      <nav aria-label={words.path}>
        <Link className={styles.back} href="/data-connectors/connectors">
          {words.back}
        </Link>
      </nav>
      <h1 className={styles.title}>{row.name}</h1>
      <HealthSentence
        row={row}
        action={
          actions !== null && row.health === 'stopped' ? <Mend row={row} username={username} actions={actions} /> : null
        }
      />
      {actions === null ? null : (
        <Commands row={row} commands={actions} isPrimary={!isMapping}>
          {maps && !isMapping ? <UploadButton connectorId={row.id} label={text.mapping.upload} /> : null}
        </Commands>
      )}
      <TabLinks label={words.tabs} tabs={tabs} />
    </div>
  );
}
