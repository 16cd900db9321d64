'use client';

import { makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import dynamic from 'next/dynamic';
import { useDeferredValue, useState } from 'react';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { calendar as calendarWords, charts as chartsWords } from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { DayBalance } from '#lib/imports/balance.ts';
import type { ImportLine } from '#lib/imports/list.ts';
import { elapsed } from '../elapsed.ts';
import { useLiveConnector } from '../live-connector.tsx';
import { liveDays } from '../live-days.ts';
import { PartSkeleton } from '../part-skeleton.tsx';
import { CHART_DAYS, type ChartDays } from '../summary-view.ts';
import { useOpenImports } from '../use-open-imports.ts';
import { useSummaryView } from '../use-summary-view.ts';
import { ChartFrame } from './chart-frame.tsx';
import { type ImportSpeed, speedsOf } from './speed.ts';
import { VOLUME_OUTCOMES, type VolumeDay, type VolumeOutcome, volumeOf } from './volume.ts';

const CHART_HEIGHT = 260;

// The server has nothing to draw them with, and no browser loads them before it shows one.
const StackedBars = dynamic(() => import('./stacked-bars.tsx'), {
  ssr: false,
  loading: () => <PartSkeleton height={CHART_HEIGHT} />,
});

const useStyles = makeStyles({
  charts: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    // Chosen by the system where somebody has colours of their own.
    '--chart-imported': tokens.colorCompoundBrandBackground,
    '--chart-waiting': tokens.colorPaletteMarigoldBorderActive,
    '--chart-failed': tokens.colorStatusDangerForeground1,
    '--chart-unreadable': tokens.colorNeutralForeground3,
    '@media (forced-colors: active)': {
      '--chart-imported': 'Highlight',
      '--chart-waiting': 'LinkText',
      '--chart-failed': 'CanvasText',
      '--chart-unreadable': 'GrayText',
    },
  },
  none: { margin: 0 },
});

const COLORS: Readonly<Record<VolumeOutcome, string>> = {
  imported: 'var(--chart-imported)',
  waiting: 'var(--chart-waiting)',
  failed: 'var(--chart-failed)',
  unreadable: 'var(--chart-unreadable)',
};

export interface ChartsProps {
  readonly days: readonly DayBalance[];
  /** newest first */
  readonly imports: readonly ImportLine[];
  readonly span: ChartDays;
  /** the present UTC day, as 2026-11-21 */
  readonly today: string;
  /** when it was read */
  readonly at: string;
}

/** How much came in, what became of it, and how fast. */
export function Charts({ days, imports, span, today, at }: ChartsProps) {
  const styles = useStyles();
  const { go } = useSummaryView();
  // Drawn when there is time for it: numbers move several times a second.
  const open = useDeferredValue(useOpenImports(at));
  const toldAt = useLiveConnector()?.at ?? at;
  const words = chartsWords;
  if (imports.length === 0) return <p className={styles.none}>{words.empty}</p>;
  return (
    <div className={styles.charts}>
      <div>
        <RadioGroup
          layout="horizontal"
          aria-label={words.span}
          value={String(span)}
          onChange={(_event, { value }) => go({ chartDays: value === '90' ? 90 : 30 })}
        >
          {CHART_DAYS.map((count) => (
            <Radio key={count} value={String(count)} label={words.spans[count]} />
          ))}
        </RadioGroup>
        <Volume volume={volumeOf(liveDays(days, open), span, today)} />
      </div>
      <Speed speeds={speedsOf(imports, open, Date.parse(toldAt > at ? toldAt : at))} />
    </div>
  );
}

function Volume({ volume }: { readonly volume: readonly VolumeDay[] }) {
  const styles = useStyles();
  const words = chartsWords.volume;
  const [columns] = useState(() => ({
    day: { label: words.day, width: 'medium' } satisfies CardColumn,
    outcomes: VOLUME_OUTCOMES.map((one) => ({ label: words.outcomes[one], width: 'wide' }) satisfies CardColumn),
  }));
  // Every day has every outcome, or the legend would not have them all in one order.
  const bars = volume.map(({ day, items }) => ({
    at: day.slice(5),
    name: day,
    parts: VOLUME_OUTCOMES.map((one) => ({ legend: words.outcomes[one], value: items[one], color: COLORS[one] })),
  }));
  const nothing = volume.every(({ items }) => VOLUME_OUTCOMES.every((one) => items[one] === 0));
  const chart = nothing ? <p className={styles.none}>{words.none}</p> : <StackedBars title={words.title} bars={bars} />;
  const table = (
    <CardTable label={words.title} columns={[columns.day, ...columns.outcomes]}>
      {volume.toReversed().map(({ day, items }) => (
        <CardRow key={day}>
          <CardCell column={columns.day}>{day}</CardCell>
          {VOLUME_OUTCOMES.map((one, index) => (
            <CardCell key={one} column={columns.outcomes[index] ?? columns.day}>
              {calendarWords.count(items[one])}
            </CardCell>
          ))}
        </CardRow>
      ))}
    </CardTable>
  );
  return <ChartFrame part="volume" title={words.title} about={words.about} chart={chart} table={table} />;
}

const { speed } = chartsWords;
const SPEED_COLUMNS = {
  number: { label: speed.importNumber, width: 'small' },
  window: { label: speed.window, width: 'wide' },
  copies: { label: speed.copies, width: 'small' },
  duration: { label: speed.duration, width: 'medium' },
  rate: { label: speed.rate, width: 'medium' },
} as const satisfies Record<string, CardColumn>;

function Speed({ speeds }: { readonly speeds: readonly ImportSpeed[] }) {
  const styles = useStyles();
  const bars = speeds.map(({ number, rate, running }) => ({
    at: String(number),
    name: text.connectors.page.importNumber(number),
    parts: [
      { legend: speed.completed, value: running ? 0 : rate, color: COLORS.imported },
      { legend: speed.running, value: running ? rate : 0, color: COLORS.waiting },
    ],
  }));
  const nothing = speeds.every(({ copies }) => copies === 0);
  const chart = nothing ? <p className={styles.none}>{speed.none}</p> : <StackedBars title={speed.title} bars={bars} />;
  const table = (
    <CardTable label={speed.title} columns={Object.values(SPEED_COLUMNS)}>
      {speeds.toReversed().map((one) => (
        <CardRow key={one.id}>
          <CardCell column={SPEED_COLUMNS.number}>{one.number}</CardCell>
          <CardCell column={SPEED_COLUMNS.window}>
            <Time value={one.windowStart} /> – <Time value={one.windowEnd} />
          </CardCell>
          <CardCell column={SPEED_COLUMNS.copies}>{calendarWords.count(one.copies)}</CardCell>
          <CardCell column={SPEED_COLUMNS.duration}>
            {one.running ? `${speed.running}: ` : null}
            {elapsed(one.milliseconds)}
          </CardCell>
          <CardCell column={SPEED_COLUMNS.rate}>{calendarWords.count(one.rate)}</CardCell>
        </CardRow>
      ))}
    </CardTable>
  );
  return <ChartFrame part="speed" title={speed.title} about={speed.about} chart={chart} table={table} />;
}
