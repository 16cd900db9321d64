'use client';

import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular, DismissRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import { useInBrowser } from '#components/frame/use-in-browser.ts';
import type { LiveRow } from '#components/live/live-state.ts';
import * as text from '#components/text/text.ts';
import { HealthSentence } from './health-sentence.tsx';
import { LastImport } from './last-import.tsx';
import { Now } from './now.tsx';
import { SourceStatus } from './source-status.tsx';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    alignContent: 'start',
    rowGap: tokens.spacingVerticalXL,
    paddingTop: tokens.spacingVerticalM,
  },
  heading: {
    margin: `0 0 ${tokens.spacingVerticalS}`,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  footer: {
    flexWrap: 'wrap',
    rowGap: tokens.spacingVerticalS,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    paddingTop: tokens.spacingVerticalM,
  },
});

/** What a click on a row answers: how the connector is, what the source says of it, and what the last import did. */
export function ConnectorFlyout({ live, onClose }: { readonly live: LiveRow; readonly onClose: () => void }) {
  // A drawer lies in a portal, which the server cannot draw: an address with `?connector=` opens it in the browser.
  const inBrowser = useInBrowser();
  // Closed it is not there at all: a drawer that waits leaves stops for the Tab key in the page.
  if (!inBrowser) return null;
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_event, { open }) => open || onClose()}>
      <Content live={live} onClose={onClose} />
    </OverlayDrawer>
  );
}

function Content({ live, onClose }: { readonly live: LiveRow; readonly onClose: () => void }) {
  const styles = useStyles();
  const { row } = live;
  const words = text.connectors.flyout;
  return (
    <>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" aria-label={words.close} icon={<DismissRegular />} onClick={onClose} />}
        >
          {row.name}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body}>
          <HealthSentence row={row} />
          <Section title={text.connectors.columns.now}>
            <Now live={live} />
          </Section>
          <Section title={words.sourceStatus}>
            <SourceStatus connectorId={row.id} />
          </Section>
          <Section title={words.lastImport}>
            <LastImport row={row} />
          </Section>
        </div>
      </DrawerBody>
      <DrawerFooter className={styles.footer}>
        <LinkButton appearance="primary" href={`/connectors/${row.id}`}>
          {words.open}
        </LinkButton>
        <Button as="a" href={`/api/connectors/${row.id}/log`} download icon={<ArrowDownloadRegular />}>
          {words.downloadLog}
        </Button>
      </DrawerFooter>
    </>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  );
}
