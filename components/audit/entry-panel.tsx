'use client';

import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { type ReactNode, useState } from 'react';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { AuditEntry } from '#lib/audit/log.ts';
import { ResultMark } from './result-mark.tsx';

const words = text.audit;

const useStyles = makeStyles({
  body: {
    display: 'grid',
    alignContent: 'start',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalL,
  },
  list: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalS, margin: 0 },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
});

/** One entry whole: who, from where, before and after, and its place in the chain. */
export function EntryPanel({ entry }: { readonly entry: AuditEntry }) {
  const styles = useStyles();
  const restoreFocus = useRestoreFocusTarget();
  const [open, setOpen] = useState(false);
  const sentence = text.history.deed(entry.action, entry.shown);
  return (
    <>
      <Button
        {...restoreFocus}
        size="small"
        aria-label={words.detailsOf(sentence, entry.at)}
        onClick={() => setOpen(true)}
      >
        {words.details}
      </Button>
      {open ? (
        <OverlayDrawer open position="end" size="medium" onOpenChange={(_event, data) => setOpen(data.open)}>
          <DrawerHeader>
            <DrawerHeaderTitle
              action={
                <Button
                  appearance="subtle"
                  aria-label={words.close}
                  icon={<DismissRegular />}
                  onClick={() => setOpen(false)}
                />
              }
            >
              {sentence}
            </DrawerHeaderTitle>
          </DrawerHeader>
          <DrawerBody className={styles.body}>
            <Facts entry={entry} />
            <Details detail={entry.detail} />
            <Chain entry={entry} />
          </DrawerBody>
        </OverlayDrawer>
      ) : null}
    </>
  );
}

function Facts({ entry }: { readonly entry: AuditEntry }) {
  const styles = useStyles();
  const { facts } = words;
  return (
    <dl className={styles.list}>
      <Fact term={facts.time}>
        <Time value={entry.at} />
      </Fact>
      <Fact term={facts.who}>{entry.person ?? text.history.portal}</Fact>
      {entry.person === null ? null : <Fact term={facts.whoId}>{entry.actor}</Fact>}
      <Fact term={facts.where}>{entry.clientAddress ?? facts.noWhere}</Fact>
      <Fact term={facts.on}>
        {entry.targetType === 'organization' ? words.organization : (entry.targetName ?? entry.targetId)}
      </Fact>
      <Fact term={facts.action}>{entry.action}</Fact>
      <Fact term={facts.result}>
        <ResultMark result={entry.result} />
      </Fact>
    </dl>
  );
}

/** What was written down with it, before and after first. */
function Details({ detail }: { readonly detail: AuditEntry['detail'] }) {
  const styles = useStyles();
  const named: Readonly<Record<string, string>> = text.history.detail;
  const order = (name: string): number => (name === 'before' ? 0 : name === 'after' ? 1 : 2);
  const entries = Object.entries(detail).toSorted(([a], [b]) => order(a) - order(b));
  if (entries.length === 0) return null;
  return (
    <section className={styles.list}>
      <h2 className={styles.heading}>{words.further}</h2>
      <dl className={styles.list}>
        {entries.map(([name, value]) => (
          <Fact key={name} term={named[name] ?? name}>
            {shown(value)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function shown(value: unknown): string {
  if (value === null) return text.history.none;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')) {
    return value.length === 0 ? text.history.none : value.join(', ');
  }
  return JSON.stringify(value, null, 2);
}

function Chain({ entry }: { readonly entry: AuditEntry }) {
  const styles = useStyles();
  const { facts } = words;
  return (
    <section className={styles.list}>
      <h2 className={styles.heading}>{words.chain}</h2>
      <dl className={styles.list}>
        <Fact term={facts.entry}>{entry.id}</Fact>
        <Fact term={facts.place}>{entry.link?.seq ?? facts.notLinked}</Fact>
        {entry.link === null ? null : (
          <>
            <Fact term={facts.code}>
              <span className={styles.mono}>{entry.link.mac}</span>
            </Fact>
            <Fact term={facts.key}>{entry.link.keyId}</Fact>
          </>
        )}
      </dl>
    </section>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <div>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>{children}</dd>
    </div>
  );
}
