/**
 * A round over an organization's connectors: what is so now is held against what was told, and the difference goes into
 * the outbox in the transaction that notes it as told. So an open condition is told once, and its end once.
 */
import type pg from 'pg';
import { rowsOfOrganization } from '../connectors/overview.ts';
import { inTransaction } from '../db.ts';
import { askHeartbeats } from './ask-heartbeats.ts';
import type { Round, Watched } from './round.ts';
import { forgetOld } from './store/forget.ts';
import { settingsOf } from './store/settings.ts';
import { takeTurn } from './store/turn.ts';
import { tellConditions } from './tell-conditions.ts';
import { tellMappings } from './tell-mappings.ts';
import { tellSummaries } from './tell-summaries.ts';

export interface SweepDeps {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  /** when the app's certificate or secret ends; null: not known */
  readonly appCredentialEnds: () => Date | null;
}

/** Runs a round. Does nothing where another worker runs one. */
export async function sweepNotifications(deps: SweepDeps, organizationId: string): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    if (!(await takeTurn(client, organizationId))) return;
    const now = deps.now();
    const settings = await settingsOf(client, organizationId);
    const ids = settings.map(({ connectorId }) => connectorId);
    const rows = new Map((await rowsOfOrganization(client, organizationId, ids, now)).map((row) => [row.id, row]));
    const watched = new Map(
      settings.flatMap((setting): [string, Watched][] => {
        const row = rows.get(setting.connectorId);
        return row === undefined ? [] : [[setting.connectorId, { setting, row }]];
      }),
    );
    const round: Round = { client, organizationId, now, watched };
    await tellConditions(round, deps.appCredentialEnds());
    await tellMappings(round);
    await tellSummaries(round);
    await askHeartbeats(round);
    await forgetOld(client, organizationId);
  });
}
