'use client';

import { Field, makeStyles, Text, Textarea, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CloseAlert, CloseAlertResult, OpenAlert } from '#lib/imports/alerts.ts';
import { type ReasonCode, reasonOf } from '#lib/imports/reasons.ts';
import { AskFirst, fieldOf } from './ask-first.tsx';
import { dayAddress } from './day-address.ts';
import { undoneAddress } from './not-imported.tsx';

const useStyles = makeStyles({
  list: { display: 'grid', rowGap: tokens.spacingVerticalM, margin: 0, padding: 0, listStyleType: 'none' },
  sentence: { margin: 0, fontWeight: tokens.fontWeightSemibold },
  remedy: { margin: 0, color: tokens.colorNeutralForeground2 },
  link: {
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
  facts: { margin: 0, color: tokens.colorNeutralForeground3 },
});

const MISSING: ReasonCode = 'missing_in_mailbox';
const DAY: ReasonCode = 'day_does_not_balance';

export type CloseAlertAction = (close: CloseAlert) => Promise<CloseAlertResult>;

interface AlertsProps {
  readonly connectorId: string;
  readonly alerts: readonly OpenAlert[];
  /** null for who may not */
  readonly close: CloseAlertAction | null;
}

/** What calls for somebody, with what to do about it; what nothing ends is closed here, with a reason. */
export function Alerts({ connectorId, alerts, close }: AlertsProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const words = text.connectors.alerts;
  return (
    <>
      <ul className={styles.list}>
        {alerts.map((alert) => {
          const { sentence, remedy } = reasonOf(alert.code);
          const place = placeOf(connectorId, alert);
          return (
            <li key={alert.id}>
              <p className={styles.sentence}>{sentence}</p>
              {remedy === null ? null : <p className={styles.remedy}>{remedy}</p>}
              {alert.mailboxes === null ? null : <p className={styles.remedy}>{words.mailboxes(alert.mailboxes)}</p>}
              <p className={styles.facts}>
                {alert.from === null || alert.to === null ? null : (
                  <>
                    {words.about} <Time value={alert.from} /> – <Time value={alert.to} />.{' '}
                  </>
                )}
                {alert.importNumber === null ? null : `${words.import(alert.importNumber)} `}
                {words.since} <Time value={alert.raisedAt} />.
                {alert.isClosedByAPerson && close === null ? ` ${words.whoCloses}` : null}
              </p>
              {place === null ? null : (
                <Link className={styles.link} href={place.href}>
                  {place.label}
                </Link>
              )}
              {alert.isClosedByAPerson && close !== null ? (
                <Close connectorId={connectorId} alert={alert} sentence={sentence} close={close} onSaid={setSaid} />
              ) : null}
            </li>
          );
        })}
      </ul>
      <Text role="status">{said}</Text>
    </>
  );
}

/** The page that shows what an alert is about; null where there is none beside this one. */
function placeOf(connectorId: string, { code, from }: OpenAlert): { href: string; label: string } | null {
  const words = text.connectors.alerts;
  if (code === MISSING) {
    return { href: undoneAddress(connectorId, { kind: 'missing', reason: MISSING }), label: words.showMissing };
  }
  if (code === DAY && from !== null) return { href: dayAddress(connectorId, from), label: words.showDay };
  return null;
}

interface CloseProps {
  readonly connectorId: string;
  readonly alert: OpenAlert;
  readonly sentence: string;
  readonly close: CloseAlertAction;
  readonly onSaid: (sentence: string) => void;
}

function Close({ connectorId, alert, sentence, close, onSaid }: CloseProps) {
  const words = text.connectors.alerts;
  return (
    <AskFirst
      label={words.close}
      description={words.closeOf(sentence)}
      title={words.closeTitle}
      body={`${sentence} ${words.closeBody}`}
      size="small"
      onSaid={onSaid}
      run={async (form) => {
        const result = await close({ connectorId, alertId: alert.id, comment: fieldOf(form, 'comment') });
        if (result === 'done') return { said: words.closed };
        const link = result === 'not_signed_off' ? placeOf(connectorId, alert) : null;
        return { problem: words.problems[result], links: link === null ? [] : [link] };
      }}
    >
      <Field label={words.comment} required>
        <Textarea name="comment" />
      </Field>
    </AskFirst>
  );
}
