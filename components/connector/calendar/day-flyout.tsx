'use client';

import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { Equations } from '#components/connectors/equations.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { calendar as calendarWords } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { evidenceAddress } from '#lib/evidence/address.ts';
import type { ImportLine } from '#lib/imports/list.ts';
import { dayAddress } from '../day-address.ts';
import { DayMark } from '../day-mark.tsx';
import type { CalendarDay } from './calendar-days.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
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
  text: { margin: `${tokens.spacingVerticalXS} 0 ${tokens.spacingVerticalS}`, color: tokens.colorNeutralForeground2 },
  list: { display: 'grid', rowGap: tokens.spacingVerticalL, margin: 0, padding: 0, listStyleType: 'none' },
  strong: { fontWeight: tokens.fontWeightSemibold },
  footer: {
    flexWrap: 'wrap',
    rowGap: tokens.spacingVerticalS,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    paddingTop: tokens.spacingVerticalM,
  },
});

/** What the server read of the day that is open. */
export interface DayImports {
  readonly day: string;
  /** newest first */
  readonly imports: readonly ImportLine[];
  /** there are more than these */
  readonly more: boolean;
}

interface DayFlyoutProps {
  readonly connectorId: string;
  readonly open: CalendarDay;
  /** null while it is being read */
  readonly read: DayImports | null;
  /** whether the person may see evidence */
  readonly mayProve: boolean;
  readonly onClose: () => void;
}

/** A day of the calendar: what it is, its numbers, and the imports that made them. Drawn in the browser alone. */
export default function DayFlyout(props: DayFlyoutProps) {
  return (
    <OverlayDrawer open position="end" size="medium" onOpenChange={(_event, { open }) => open || props.onClose()}>
      <Content {...props} />
    </OverlayDrawer>
  );
}

function Content({ connectorId, open, read, mayProve, onClose }: DayFlyoutProps) {
  const styles = useStyles();
  const words = calendarWords;
  return (
    <>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button appearance="subtle" aria-label={words.day.close} icon={<DismissRegular />} onClick={onClose} />
          }
        >
          {words.dayOf(open.day)}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body}>
          <div>
            <DayMark mark={open.mark} />
            <p className={styles.text}>{words.meanings[open.mark]}</p>
          </div>
          {open.balance === null ? null : (
            <Part title={words.day.numbers}>
              <Equations counts={open.balance.counts} />
            </Part>
          )}
          <Part title={words.day.imports}>
            {read?.day === open.day ? (
              <Imports read={read} />
            ) : (
              <Spinner size="tiny" labelPosition="after" label={words.day.reading} />
            )}
          </Part>
        </div>
      </DrawerBody>
      <DrawerFooter className={styles.footer}>
        <LinkButton href={dayAddress(connectorId, open.day)}>{words.day.table}</LinkButton>
        <LinkButton href={`/connectors/${connectorId}/imports`} appearance="subtle">
          {words.day.allImports}
        </LinkButton>
        {mayProve ? (
          <LinkButton href={evidenceAddress({ of: { kind: 'day', day: open.day } })} appearance="subtle">
            {text.commands.evidence.ofDay}
          </LinkButton>
        ) : null}
      </DrawerFooter>
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  );
}

function Imports({ read: { imports, more } }: { readonly read: DayImports }) {
  const styles = useStyles();
  const words = text.connectors;
  if (imports.length === 0) return calendarWords.day.noImports;
  return (
    <>
      <ul className={styles.list}>
        {imports.map((one) => (
          <li key={one.id}>
            <span className={styles.strong}>
              {words.page.importNumber(one.number)}: {words.imports.phases[one.phase]}
            </span>
            <p className={styles.text}>
              {words.page.window} <Time value={one.windowStart} /> – <Time value={one.windowEnd} />.{' '}
              {words.imports.columns.trigger}: {words.imports.triggers[one.trigger]}.
            </p>
            <Equations counts={one.counts} />
          </li>
        ))}
      </ul>
      {more ? <p className={styles.text}>{calendarWords.day.more}</p> : null}
    </>
  );
}
