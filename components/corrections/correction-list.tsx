'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CorrectionSummary } from '#lib/corrections/read.ts';
import type { FoundElsewhere } from '#lib/recovery/found.ts';
import { Period } from './period.tsx';
import { ResponsiveTable } from './responsive-table.tsx';
import { Section } from './section.tsx';
import { StartCorrection, type StartCorrectionProps } from './start-correction.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '860px',
  },
  paragraph: { margin: 0 },
  link: {
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
});

interface Props extends StartCorrectionProps {
  readonly corrections: readonly CorrectionSummary[];
  /** what a restore left in mailboxes that the mapping does not name */
  readonly found: readonly FoundElsewhere[];
}

/** Begins a correction, and lists those that there were. */
export function CorrectionList({ corrections, found, ...form }: Props) {
  const styles = useStyles();
  const words = text.corrections;
  return (
    <div className={styles.page}>
      <Section title={words.title}>
        <p className={styles.paragraph}>{words.intro}</p>
      </Section>
      {found.length === 0 ? null : (
        <Section title={words.found.title}>
          <p className={styles.paragraph}>{words.found.intro}</p>
          <ResponsiveTable
            label={words.found.title}
            columns={[
              { label: words.found.number, width: 'number' },
              { label: words.found.mailbox, width: 'wide' },
              { label: words.found.messages, width: 'number' },
              { label: words.found.time, width: 'wide' },
            ]}
            rows={found.map((one) => ({
              key: `${one.number} ${one.mailbox}`,
              cells: [
                one.number ?? words.found.nobody,
                one.mailbox,
                one.copies,
                one.from === null || one.to === null ? (
                  words.found.unknown
                ) : (
                  <span key="time">
                    <Time value={one.from} /> – <Time value={one.to} />
                  </span>
                ),
              ],
            }))}
          />
        </Section>
      )}
      <Section title={words.newTitle}>
        <StartCorrection {...form} />
      </Section>
      <Section title={words.listTitle}>
        {corrections.length === 0 ? (
          <p className={styles.paragraph}>{words.none}</p>
        ) : (
          <ResponsiveTable
            label={words.listTitle}
            columns={[
              { label: words.columns.number, width: 'number' },
              { label: words.columns.period, width: 'wide' },
              { label: words.columns.phase, width: 'wide' },
              { label: words.columns.by, width: 'wide' },
              { label: words.columns.why, width: 'wide' },
            ]}
            rows={corrections.map((one) => ({
              key: one.id,
              cells: [
                <Link
                  key="open"
                  className={styles.link}
                  href={`/connectors/${form.connectorId}/mapping/correct/${one.id}`}
                >
                  {one.number}
                </Link>,
                <Period key="period" from={one.from} to={one.to} />,
                words.phases[one.phase],
                <span key="by">
                  {one.createdBy}, <Time value={one.createdAt} />
                </span>,
                one.reason,
              ],
            }))}
          />
        )}
      </Section>
    </div>
  );
}
