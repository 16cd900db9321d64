/** What an evidence package is asked for. Pure. */

export interface Period {
  /** first day, UTC, `2026-11-21` */
  readonly from: string;
  /** last day, UTC, included */
  readonly to: string;
  /** of one connector alone; null: of all */
  readonly connectorId: string | null;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 24 * 60 * 60_000;
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @returns null where it is no period: a day that is none, or the last one before the first */
export function periodOf(query: URLSearchParams): Period | null {
  const [from, to, connector] = ['from', 'to', 'connector'].map((name) => query.get(name) ?? '');
  if (!isDay(from) || !isDay(to) || to < from) return null;
  if (connector !== undefined && connector !== '' && !GUID.test(connector)) return null;
  return { from, to, connectorId: connector || null };
}

function isDay(text: string | undefined): text is string {
  if (text === undefined || !DAY.test(text)) return false;
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 10) === text;
}

/** Its days in their order, each from its beginning and to the next one's. */
export function* daysOf({ from, to }: Period): Generator<{ readonly from: Date; readonly to: Date }> {
  const end = Date.parse(`${to}T00:00:00Z`);
  for (let day = Date.parse(`${from}T00:00:00Z`); day <= end; day += DAY_MS) {
    yield { from: new Date(day), to: new Date(day + DAY_MS) };
  }
}

/** Half-open, in time. */
export function boundsOf({ from, to }: Period): { readonly from: Date; readonly to: Date } {
  return { from: new Date(`${from}T00:00:00Z`), to: new Date(Date.parse(`${to}T00:00:00Z`) + DAY_MS) };
}
