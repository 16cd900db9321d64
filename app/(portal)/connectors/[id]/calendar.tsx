import { ImportCalendar } from '#components/connector/calendar/import-calendar.tsx';
import type { SummaryView } from '#components/connector/summary-view.ts';
import { database } from '#lib/db.ts';
import { calendarMonth } from '#lib/imports/calendar.ts';
import { importsOfDay } from '#lib/imports/list.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { openConnector } from './connector.ts';

/** Imports that are shown of a day that is open. */
const MOST_IMPORTS = 20;

interface Props {
  readonly connectorId: string;
  readonly view: SummaryView;
}

/** Reads the month, and of the day that is open its imports. */
export async function Calendar({ connectorId, view: { month, day } }: Props) {
  const { actor, row, at } = await openConnector(connectorId);
  const { pool } = database();
  const today = at.slice(0, 10);
  const [data, imports] = await Promise.all([
    calendarMonth(pool, actor, row.id, month ?? today.slice(0, 7)),
    day === null ? null : importsOfDay(pool, actor, row.id, day, MOST_IMPORTS + 1),
  ]);
  const read =
    day === null || imports === null
      ? null
      : { day, imports: imports.slice(0, MOST_IMPORTS), more: imports.length > MOST_IMPORTS };
  return (
    <ImportCalendar
      connectorId={row.id}
      data={data}
      today={today}
      read={read}
      at={at}
      mayProve={isAllowed(actor.roles, 'evidence.read')}
    />
  );
}
