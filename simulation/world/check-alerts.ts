/** Nobody is told of what was not so: every alert that was ever raised has a cause in this world. */
import type { AlertRow } from '../ledger/rows.ts';
import { twinOf } from './copies.ts';
import type { Weather } from './weather.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

export function checkAlerts(world: World): string[] {
  return [...world.ledger.tables.alerts]
    .filter((alert) => !hasCause(world, alert))
    .map(
      ({ code, detail, raisedAt }) =>
        `an alert without a cause: ${code} ${JSON.stringify(detail)} of ${raisedAt.toISOString()}`,
    );
}

function hasCause(world: World, alert: Readonly<AlertRow>): boolean {
  switch (alert.code) {
    case 'invalid_credentials':
    case 'consent_missing':
      return world.witness.isCause(alert.code, alert.raisedAt.getTime());
    case 'keeps_failing':
      return isFailing(world, String(alert.detail.problem));
    case 'manifest_differs':
      return isLate(world, alert);
    case 'missing_in_mailbox':
      return isRemoved(world, alert);
    case 'overdue':
      return isSlow(world, alert);
    case 'message_twice':
      return twinOf(world, String(alert.detail.deliveryId)) !== null;
    case 'import_cancelled':
      return world.cancelled.has(alert.importId ?? '');
    default:
      return false;
  }
}

function isFailing(world: World, problem: string): boolean {
  // It is said until the import goes on, which may be long after what it failed at was put right.
  return FAILS[problem]?.(world.storm) ?? world.witness.wasWithdrawn(problem);
}

/** What can keep an import from going on, by the weather. */
const FAILS: Readonly<Record<string, (storm: Weather) => boolean>> = {
  source_unreachable: ({ source }) => source.lostBefore + source.lostAfter + source.outages > 0,
  source_throttled: ({ source }) => source.throttled + source.cursorExpired > 0,
  source_bad_answer: ({ source }) => source.badAnswer > 0,
  graph_unreachable: ({ graph: { batchRefused: _, beyondAllowance: __, ...graph } }) =>
    Object.values(graph).some((often) => often > 0),
  storage_unreachable: ({ ledger, staging }) =>
    ledger.lostBefore + ledger.lostAfter + staging.lostBefore + staging.lostAfter > 0,
  // Graph refuses a batch of look-ups in the directory as a whole: it says that the mistake is ours.
  internal: ({ graph }) => graph.batchRefused > 0,
};

/** Two days are a long time: it stormed for nearly as long, or an attachment was waited for, which takes a day by itself. */
function isSlow(world: World, { importId }: Readonly<AlertRow>): boolean {
  const missed = world.ledger.tables.attachments.with('import', importId ?? '');
  return world.stormMs > 40 * HOUR_MS || missed.some(({ firstMissedAt }) => firstMissedAt !== null);
}

/** An item of the window came after its time was settled. */
function isLate(world: World, { windowId }: Readonly<AlertRow>): boolean {
  const window = world.ledger.tables.windows.find('id', windowId ?? '');
  if (!window) return false;
  return world.archive.entries.some(
    ({ at, visibleFrom }) => visibleFrom > at && at >= window.startsAt.getTime() && at < window.endsAt.getTime(),
  );
}

function isRemoved(world: World, { detail }: Readonly<AlertRow>): boolean {
  const copy = [...world.ledger.tables.deliveries].find(({ id }) => id === detail.deliveryId);
  const { mailbox } = world.cloud.users.get(copy?.userId ?? '') ?? {};
  return mailbox?.messages.get(copy?.messageId ?? '')?.removedBy === 'person';
}
