/** What of a connector's summary is in its address: the month, the open day, and what is shown as a table. Pure. */
export const CHART_DAYS = [30, 90] as const;
export type ChartDays = (typeof CHART_DAYS)[number];

/** The parts that can be shown as a table. */
export type SummaryPart = 'calendar' | 'volume' | 'speed';

export interface SummaryView {
  /** 2026-11; null for the present one */
  readonly month: string | null;
  /** the day that is open, as 2026-11-21; it decides the month */
  readonly day: string | null;
  readonly tables: readonly SummaryPart[];
  readonly chartDays: ChartDays;
}

const PARTS: readonly SummaryPart[] = ['calendar', 'volume', 'speed'];
// Beyond these no page has a calendar, and a date that PostgreSQL does not know is no page's matter.
// Checked by hand: a library for it would be a third of what the page's own scripts are.
function dayInUse(text: string): string | null {
  if (!/^20\d\d-\d\d-\d\d$/.test(text)) return null;
  const day = new Date(text);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : null;
}

/** @param query anything that somebody typed into the address: what makes no sense is left out */
export function summaryViewOf(query: URLSearchParams): SummaryView {
  const day = dayInUse(query.get('day') ?? '');
  const month = dayInUse(`${query.get('month')}-01`)?.slice(0, 7) ?? null;
  return {
    month: day?.slice(0, 7) ?? month,
    day,
    tables: PARTS.filter((part) => query.get(part) === 'table'),
    chartDays: query.get('days') === '90' ? 90 : 30,
  };
}

/** The query of a view, `''` or `?…`; what is as usual is not written. */
export function summaryQuery({ month, day, tables, chartDays }: SummaryView): string {
  const query = new URLSearchParams();
  if (month !== null && day === null) query.set('month', month);
  if (day !== null) query.set('day', day);
  for (const part of tables) query.set(part, 'table');
  if (chartDays !== 30) query.set('days', String(chartDays));
  return query.size === 0 ? '' : `?${query}`;
}
