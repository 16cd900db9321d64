/**
 * *Import again*: reads a past range of the source once more. What is in a mailbox already counts as a repeat, and what
 * is new is imported. Days before the connector's first window are imported as far back as the source still has them.
 */
import type { TimeRange } from '../archive/source.ts';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type CommandDeps, lockState } from './commands.ts';
import { liveConnector } from './store/connectors.ts';
import { requestImport } from './store/import-requests.ts';
import { openAgain, wantSince, windowsOfImports, windowsUnderWay } from './store/reopen.ts';
import { seekContent } from './store/seek-content.ts';

export type RepeatResult =
  | {
      readonly kind: 'done';
      /** windows that are read again */
      readonly windows: number;
      /** windows of the range whose import is under way already */
      readonly underWay: number;
      /** days before the first window are planned, as far back as the source has them */
      readonly earlier: boolean;
    }
  /** nothing of it was ever imported, and it is not before what was */
  | { readonly kind: 'nothing' }
  /** it ends before it begins, or is longer than `MOST_DAYS` */
  | { readonly kind: 'bad_range' }
  | { readonly kind: 'not_found' | 'paused' | 'stopped' };

export interface RepeatChoice {
  readonly connectorId: string;
  /** half-open; whole windows are read, also where the range begins or ends within one */
  readonly range: TimeRange;
}

/** Ten years: longer than retention rules ask for. */
const MOST_DAYS = 3_660;
const DAY_MS = 86_400_000;

/** @throws NotAllowed */
export async function repeatRange(
  deps: CommandDeps,
  actor: Actor,
  { connectorId, range }: RepeatChoice,
): Promise<RepeatResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const length = range.to.getTime() - range.from.getTime();
  if (!(length > 0 && length <= MOST_DAYS * DAY_MS)) return { kind: 'bad_range' };
  const connector = await liveConnector(deps.pool, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const result = await inTransaction(deps.pool, async (client): Promise<RepeatResult> => {
    const state = await lockState(client, organizationId, connectorId);
    if (!state) return { kind: 'not_found' };
    if (state.paused) return { kind: 'paused' };
    if (state.stopped) return { kind: 'stopped' };
    const underWay = await windowsUnderWay(client, connectorId, range);
    const opened = await openAgain(client, connector, { kind: 'range', range }, 'repeat', actor.name);
    const windows = opened.length;
    await seekContent(client, await windowsOfImports(client, opened));
    const earlier = await wantSince(client, connector, range.from);
    if (windows + underWay === 0 && !earlier) return { kind: 'nothing' };
    if (earlier) await requestImport(client, organizationId, connectorId, actor.name);
    const detail = { from: range.from.toISOString(), to: range.to.toISOString(), windows, underWay, earlier };
    await auditIn(client, actor, { action: 'imports.repeated', connectorId, detail });
    return { kind: 'done', windows, underWay, earlier };
  });
  if (result.kind === 'done') {
    deps.notify({ organizationId, connectorId, importId: null });
    const key = connectorId;
    if (result.earlier) await deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key });
    await deps.enqueue('collect', { organizationId, connectorId }, { key });
  }
  return result;
}
