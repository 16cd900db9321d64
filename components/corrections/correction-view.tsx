'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import { Breakable } from '#components/frame/breakable.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CorrectionPhase } from '#lib/corrections/correction.ts';
import type { CorrectionGroup, OpenedCorrection, WrongMessageRow } from '#lib/corrections/read.ts';
import { CorrectionSteps, type StepActions } from './correction-steps.tsx';
import { Period } from './period.tsx';
import { ResponsiveTable } from './responsive-table.tsx';
import { Section } from './section.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '860px',
  },
  back: {
    color: tokens.colorNeutralForeground2,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  paragraph: { margin: 0 },
  muted: { margin: 0, color: tokens.colorNeutralForeground3 },
});

export interface CorrectionViewProps {
  readonly connectorId: string;
  readonly correction: OpenedCorrection;
  /** messages in wrong mailboxes, a page of them */
  readonly wrong: readonly WrongMessageRow[];
  /** the key of the last row, where there are more */
  readonly next: string | null;
  /** this is not the first page */
  readonly later: boolean;
  readonly actions: StepActions;
}

/** One correction: where the copies are, what is next, and what lies in wrong mailboxes. */
export function CorrectionView({ connectorId, correction, wrong, next, later, actions }: CorrectionViewProps) {
  const styles = useStyles();
  const words = text.corrections;
  const base = `/connectors/${connectorId}/mapping/correct`;
  useRefreshWhileWorking(correction.phase);
  return (
    <div className={styles.page}>
      <nav aria-label={words.title}>
        <Link className={styles.back} href={base}>
          {words.back}
        </Link>
      </nav>
      <Section title={words.heading(correction.number)}>
        <p className={styles.paragraph}>
          {words.columns.period} <Period from={correction.from} to={correction.to} />. {correction.reason}
        </p>
        <By
          sentence={correction.confirmedBy && words.confirmedBy(correction.confirmedBy)}
          at={correction.confirmedAt}
        />
        <By
          sentence={correction.removalConfirmedBy && words.removalConfirmedBy(correction.removalConfirmedBy)}
          at={correction.removalConfirmedAt}
        />
        <WhyNot correction={correction} />
        <CorrectionSteps connectorId={connectorId} correction={correction} actions={actions} />
      </Section>
      {correction.phase === 'listing' ? null : (
        <Section title={words.groups.title}>
          <Groups groups={correction.groups} />
        </Section>
      )}
      {wrong.length === 0 && !later ? null : (
        <Section title={words.wrong.title}>
          <WrongMessages rows={wrong} />
          {later ? <LinkButton href={`${base}/${correction.id}`}>{words.wrong.first}</LinkButton> : null}
          {next === null ? null : (
            <LinkButton href={`${base}/${correction.id}?after=${next}`}>{words.wrong.more}</LinkButton>
          )}
        </Section>
      )}
    </div>
  );
}

function By({ sentence, at }: { readonly sentence: string | null; readonly at: string | null }) {
  const styles = useStyles();
  if (sentence === null || at === null) return null;
  return (
    <p className={styles.muted}>
      {sentence} <Time value={at} />.
    </p>
  );
}

/** Why a worker does not go on just now. */
function WhyNot({ correction: { phase, problem } }: Pick<CorrectionViewProps, 'correction'>) {
  const styles = useStyles();
  const words = text.corrections;
  const row = useLiveConnector()?.row;
  if (!isWorking(phase)) return null;
  if (row?.pausedAt) return <p className={styles.paragraph}>{words.paused}</p>;
  if (row?.stoppedReason) return <p className={styles.paragraph}>{words.stopped}</p>;
  return problem === null ? null : <p className={styles.paragraph}>{words.goesOn(problem)}</p>;
}

function Groups({ groups }: { readonly groups: readonly CorrectionGroup[] }) {
  const styles = useStyles();
  const words = text.corrections.groups;
  if (groups.length === 0) return <p className={styles.paragraph}>{words.empty}</p>;
  return (
    <ResponsiveTable
      label={words.label}
      columns={[
        { label: words.isIn, width: 'wide' },
        { label: words.belongsIn, width: 'wide' },
        { label: words.count, width: 'small' },
        { label: words.state, width: 'wide' },
      ]}
      rows={groups.map((group) => ({
        key: JSON.stringify([group.fromMailbox, group.toMailbox, group.state, group.reason]),
        cells: [
          <Breakable key="from">{group.fromMailbox}</Breakable>,
          group.toMailbox === null ? words.nowhere : <Breakable key="to">{group.toMailbox}</Breakable>,
          new Intl.NumberFormat('en').format(group.count),
          text.corrections.stateSentence(group.state, group.reason),
        ],
      }))}
    />
  );
}

function WrongMessages({ rows }: { readonly rows: readonly WrongMessageRow[] }) {
  const words = text.corrections;
  return (
    <ResponsiveTable
      label={words.wrong.label}
      columns={[
        { label: words.wrong.item, width: 'wide' },
        { label: words.wrong.sent, width: 'medium' },
        { label: words.groups.wasIn, width: 'wide' },
        { label: words.groups.belongsIn, width: 'wide' },
        { label: words.groups.state, width: 'wide' },
      ]}
      rows={rows.map((row) => ({
        key: row.key,
        cells: [
          row.sourceItemId,
          <Time key="sent" value={row.messageTime} />,
          <Breakable key="from">{row.fromMailbox}</Breakable>,
          <Breakable key="to">{row.toMailbox}</Breakable>,
          words.stateSentence(row.state, row.reason),
        ],
      }))}
    />
  );
}

const REFRESH_MS = 2_000;

function isWorking(phase: CorrectionPhase): boolean {
  return phase === 'listing' || phase === 'copying' || phase === 'removing';
}

/** A worker's steps are read again while it is at work and somebody looks. */
function useRefreshWhileWorking(phase: CorrectionPhase): void {
  const router = useRouter();
  const working = isWorking(phase);
  useEffect(() => {
    if (!working) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') router.refresh();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [working, router]);
}
