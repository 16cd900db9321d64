'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, CheckmarkCircleFilled, PersonAlertFilled } from '@fluentui/react-icons';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { coverageFindings, coverageSentence } from '#components/text/en/coverage.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CoverageState, DoneVerification, LinePage } from '#lib/coverage/list.ts';
import { type CoverageSelection, selectionQuery } from '#lib/coverage/selection.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { CoverageTable } from './coverage-table.tsx';
import { Filters } from './filters.tsx';
import { Progress } from './progress.tsx';
import { VerifyAgain, type VerifyAgainProps } from './verify-again.tsx';

const words = text.coverage;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  sentence: {
    display: 'flex',
    alignItems: 'start',
    columnGap: tokens.spacingHorizontalS,
    margin: 0,
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
  },
  icon: { display: 'flex', fontSize: '24px', flexShrink: 0 },
  well: { color: tokens.colorStatusSuccessForeground1 },
  needing: { color: tokens.colorStatusWarningForeground3 },
  paragraph: { margin: 0 },
  muted: { margin: 0, color: tokens.colorNeutralForeground2 },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  nothing: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalS },
});

export interface CoverageProps {
  readonly connectorId: string;
  readonly state: CoverageState;
  readonly selection: CoverageSelection;
  /** null where nothing was verified yet */
  readonly page: LinePage | null;
  /** users that are silent for as long as is selected */
  readonly silent: number;
  /** whether a search finds by number */
  readonly searchesNumbers: boolean;
  /** null where the person may only look */
  readonly verify: VerifyAgainProps['verify'] | null;
}

/** Who has a mailbox, which row of the mapping leads nowhere, and how old that knowledge is. */
export function Coverage(props: CoverageProps) {
  const styles = useStyles();
  const { connectorId, state, selection, page, silent, searchesNumbers, verify } = props;
  const running = useLiveConnector()?.row.verification ?? null;
  const base = `/connectors/${connectorId}/coverage`;
  const { done } = state;
  return (
    <section aria-label={words.title} className={styles.page}>
      {done === null ? (
        <div className={styles.nothing}>
          <strong>{words.notYet}</strong>
          <p className={styles.paragraph}>{words.notYetHelp}</p>
        </div>
      ) : (
        <Sentences done={done} silent={{ days: selection.silentDays, count: silent }} />
      )}
      <Problems state={state} isRunning={running !== null} />
      {running === null ? null : <Progress {...running} />}
      <div className={styles.bar}>
        {verify === null ? null : (
          <VerifyAgain connectorId={connectorId} verify={verify} isFirst={done === null} isRunning={running !== null} />
        )}
        {done === null ? null : (
          <Button
            as="a"
            href={`/api${base}${selectionQuery({ ...selection, after: null })}`}
            download
            icon={<ArrowDownloadRegular />}
          >
            {words.download}
          </Button>
        )}
      </div>
      {done === null || page === null ? null : (
        <>
          <Filters base={base} counts={done.counts} {...{ selection, silent, searchesNumbers }} />
          {page.lines.length === 0 ? (
            <div className={styles.nothing}>
              <p className={styles.paragraph}>{text.problems.noMatch}</p>
              <LinkButton href={base}>{text.problems.clearFilters}</LinkButton>
            </div>
          ) : (
            <CoverageTable lines={page.lines} />
          )}
          {selection.after === null && page.next === null ? null : (
            <div className={styles.bar}>
              {selection.after === null ? null : (
                <LinkButton href={`${base}${selectionQuery({ ...selection, after: null })}`}>
                  {words.firstPage}
                </LinkButton>
              )}
              {page.next === null ? null : (
                <LinkButton href={`${base}${selectionQuery({ ...selection, after: page.next })}`}>
                  {words.nextPage}
                </LinkButton>
              )}
            </div>
          )}
        </>
      )}
    </section>
  );
}

interface SentencesProps {
  readonly done: DoneVerification;
  readonly silent: { readonly days: number; readonly count: number };
}

function Sentences({ done, silent }: SentencesProps) {
  const styles = useStyles();
  const { counts, finishedAt, requestedBy, usersReadAt } = done;
  const { text: sentence, isWhole } = coverageSentence(counts);
  const findings = coverageFindings(counts, silent);
  return (
    <>
      <p className={styles.sentence}>
        <span className={`${styles.icon} ${isWhole ? styles.well : styles.needing}`} aria-hidden>
          {isWhole ? <CheckmarkCircleFilled /> : <PersonAlertFilled />}
        </span>
        <span>{sentence}</span>
      </p>
      {findings === '' ? null : <p className={styles.paragraph}>{findings}</p>}
      <p className={styles.muted}>
        {words.verified} <Time value={finishedAt} />, {words.by(requestedBy)}.{' '}
        {usersReadAt === null ? null : (
          <>
            {words.usersReadAt} <Time value={usersReadAt} />.{' '}
          </>
        )}
        {counts.oldestAnswerAt === null ? null : (
          <>
            {words.oldestAnswer} <Time value={counts.oldestAnswerAt} />.
          </>
        )}
      </p>
    </>
  );
}

/** Why what is shown is not the last word. */
function Problems({ state, isRunning }: { readonly state: CoverageState; readonly isRunning: boolean }) {
  const { failed, waits, done } = state;
  return (
    <>
      {failed === null || isRunning ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            {words.failed} {failed.problem === null ? null : reasonWords(failed.problem)}
          </MessageBarBody>
        </MessageBar>
      )}
      {waits === null || !isRunning ? null : (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {words.waits} {reasonOf(waits.problem).sentence} {words.tryAgainAt} <Time value={waits.nextAttemptAt} />.
          </MessageBarBody>
        </MessageBar>
      )}
      {done?.mappingChanged === true && !isRunning ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{words.mappingChanged}</MessageBarBody>
        </MessageBar>
      ) : null}
    </>
  );
}

function reasonWords(code: string): string {
  const { sentence, remedy } = reasonOf(code);
  return remedy === null ? sentence : `${sentence} ${remedy}`;
}
