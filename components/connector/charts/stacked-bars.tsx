'use client';

import { ResponsiveContainer, VerticalStackedBarChart } from '@fluentui/react-charts';
import { makeStyles, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
  chart: {
    height: '260px',
    minWidth: 0,
    overflow: 'hidden',
    '& text': { fill: tokens.colorNeutralForeground2 },
    // The library would write Every Word Of A Legend With A Capital.
    '& button, & button *': { textTransform: 'none' },
    '@media (forced-colors: active)': { '& text': { fill: 'CanvasText' } },
  },
});

export interface Bar {
  /**
   * what stands below it, another text for each bar. Days are names, too: the library draws its axis of time in a rounded
   * span and the bars in the span of the data, so that a bar stood at another day than its own
   */
  readonly at: string;
  /** as it is read aloud and shown beside the bar */
  readonly name: string;
  readonly parts: readonly { readonly legend: string; readonly value: number; readonly color: string }[];
}

export interface StackedBarsProps {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly hideLegend?: boolean;
}

const number = new Intl.NumberFormat('en-US');

/**
 * Bars that are stacked of parts. Loaded when it is needed: the charts' code is larger than that of the page. Gaps between
 * parts, so that they are not told apart by colour alone.
 */
export default function StackedBars({ title, bars, hideLegend = false }: StackedBarsProps) {
  const styles = useStyles();
  const data = bars.map(({ at, name, parts }) => ({
    xAxisPoint: at,
    xAxisCalloutData: name,
    chartData: parts.map(({ legend, value, color }) => ({
      legend,
      data: value,
      color,
      xAxisCalloutData: name,
      yAxisCalloutData: number.format(value),
    })),
    stackCallOutAccessibilityData: {
      ariaLabel: `${name}: ${parts.map(({ legend, value }) => `${number.format(value)} ${legend}`).join(', ')}`,
    },
  }));
  return (
    <div className={styles.chart}>
      <ResponsiveContainer>
        <VerticalStackedBarChart
          data={data}
          chartTitle={title}
          isCalloutForStack
          barGapMax={2}
          barWidth="auto"
          maxBarWidth={24}
          yAxisTickCount={4}
          roundedTicks
          xAxisCategoryOrder="data"
          hideLegend={hideLegend}
          enabledLegendsWrapLines
          legendProps={{ enabledWrapLines: true }}
        />
      </ResponsiveContainer>
    </div>
  );
}
