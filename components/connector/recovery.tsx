'use client';

import {
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import Link from 'next/link';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { Confirmation, ConfirmResult } from '#lib/recovery/confirm.ts';
import { AskFirst } from './ask-first.tsx';

const words = text.recovery;

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
});

export interface RecoveryState {
  readonly connectorId: string;
  /** ISO 8601; null: nobody can say */
  readonly since: string | null;
  readonly foundAt: string;
  /** null: it is held until somebody confirms its mapping */
  readonly confirmed: { readonly at: string; readonly by: string } | null;
  /** every mailbox is listed, and it goes on */
  readonly compared: boolean;
  /** of `mailboxes` to list, so many are */
  readonly listed: number;
  readonly mailboxes: number;
  readonly wasPaused: boolean;
  /** number of a newer mapping version that the restore took back; null: none is known */
  readonly lostMapping: number | null;
  /** the mapping file in force; null: none is */
  readonly mapping: {
    readonly id: string;
    readonly number: number;
    readonly rows: number;
    readonly fileName: string | null;
    readonly appliedAt: string | null;
    readonly appliedBy: string | null;
  } | null;
}

interface RecoveryProps {
  readonly state: RecoveryState;
  /** null for who may only look */
  readonly confirm: ((confirmation: Confirmation) => Promise<ConfirmResult>) | null;
}

/** The database was restored: what is lost, which mapping would be sent by, and whether that is the right one. */
export function Recovery({ state, confirm }: RecoveryProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const { connectorId, since, foundAt, confirmed, lostMapping, mapping } = state;
  return (
    <>
      <MessageBar intent={confirmed === null ? 'warning' : 'info'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{confirmed === null ? words.title : words.titleConfirmed}</MessageBarTitle>{' '}
          {since === null ? words.sinceUnknown : words.since} {since === null ? null : <Time value={since} />}
          {since === null ? null : '.'} {words.found} <Time value={foundAt} />.{' '}
          {confirmed === null ? (
            <>
              {words.held} {mapping === null ? words.noFile : words.mapping(mapping)}
              {mapping?.appliedAt ? (
                <>
                  {' '}
                  <Time value={mapping.appliedAt} />.
                </>
              ) : null}{' '}
              {lostMapping === null ? words.compare : words.lost(lostMapping)}{' '}
              <Link className={styles.link} href={`/connectors/${connectorId}/mapping`}>
                {words.openMapping}
              </Link>
            </>
          ) : (
            <>
              {words.confirmedBy(confirmed.by)} <Time value={confirmed.at} />.{' '}
              {state.compared ? words.looking : words.listing(state.listed, state.mailboxes)}
            </>
          )}
        </MessageBarBody>
        {confirmed !== null || confirm === null ? null : (
          <MessageBarActions>
            <AskFirst
              label={words.confirm}
              title={words.confirmTitle(mapping?.number ?? null)}
              body={[
                ...(lostMapping === null ? [] : [words.confirmWithout(lostMapping)]),
                state.wasPaused ? words.confirmBodyPaused : words.confirmBody,
              ].join(' ')}
              appearance="primary"
              onSaid={setSaid}
              run={async () => {
                const result = await confirm({ connectorId, versionId: mapping?.id ?? null, without: lostMapping });
                return result === 'done' ? { said: words.done } : { problem: words.problems[result] };
              }}
            />
          </MessageBarActions>
        )}
      </MessageBar>
      <Text role="status">{said}</Text>
    </>
  );
}
