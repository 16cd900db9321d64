/** From the rows of a file to all rows of a proposed version: what it takes over from the version in force. */
import type pg from 'pg';
import { MAX_ROWS } from '../../mapping/limits.ts';
import { versionInForce } from '../../mapping/store/in-force.ts';
import type { Actor } from '../../security/actor.ts';
import * as rows from './store/rows.ts';
import { describeProposal } from './store/versions.ts';
import type { VersionSummary } from './version-summary.ts';

/** Rows of the portal would go, and nobody said what is to become of them. */
export class AsksPortalRows extends Error {
  override name = 'AsksPortalRows';
  readonly count: number;
  constructor(count: number) {
    super('rows of the portal are not in the file');
    this.count = count;
  }
}

/** The version would be larger than a file may be, so that its download could not be uploaded again. */
export class TooLarge extends Error {
  override name = 'TooLarge';
  /** of which there are too many; null: rows */
  readonly periodsOf: { readonly number: string; readonly row: number } | null;
  constructor(periodsOf: TooLarge['periodsOf']) {
    super('the version would be larger than a file may be');
    this.periodsOf = periodsOf;
  }
}

export interface Assembly {
  readonly connectorId: string;
  readonly versionId: string;
  /** rows that the version brings itself, which are written already */
  readonly ownRows: number;
  readonly mode: 'replace' | 'add';
  readonly portalRows: VersionSummary['portalRows'];
  readonly createdById: string | null;
}

/**
 * Adds what is taken over from the version in force, and notes what the proposal is. Inside the transaction that began
 * the version: until it ends, no other version comes into force.
 *
 * @returns the version's rows, all together
 * @throws AsksPortalRows, TooLarge: nothing is to be stored
 */
export async function assemble(client: pg.PoolClient, actor: Actor, assembly: Assembly): Promise<number> {
  const { connectorId, versionId, mode } = assembly;
  const { organizationId } = actor;
  const whose = { organizationId, versionId };
  const base = await versionInForce(client, organizationId, connectorId);
  const own = { rowCount: assembly.ownRows, restId: null, portalRows: null };
  const { rowCount, restId, portalRows } = base === null ? own : await takeOver(client, whose, base, assembly);
  if (rowCount > MAX_ROWS) throw new TooLarge(null);
  if (mode === 'add' && base !== null) {
    const periodsOf = await rows.tooManyPeriods(client, whose);
    if (periodsOf !== null) throw new TooLarge(periodsOf);
  }
  await describeProposal(
    client,
    { id: versionId, organizationId },
    { mode, portalRows, restId, baseVersionId: base?.id ?? null, createdById: assembly.createdById },
  );
  return rowCount;
}

async function takeOver(
  client: pg.PoolClient,
  whose: rows.Whose,
  base: rows.Taken,
  { mode, ownRows, portalRows }: Assembly,
): Promise<rows.Rows & { readonly portalRows: VersionSummary['portalRows'] }> {
  if (mode === 'add') return { ...(await rows.takeOverBeside(client, whose, base)), portalRows: null };
  const missing = await rows.countMissingPortalRows(client, whose, base);
  if (missing === 0) return { rowCount: ownRows, restId: null, portalRows: null };
  if (portalRows === null) throw new AsksPortalRows(missing);
  const kept = portalRows === 'keep' ? await rows.takeOverPortalRows(client, whose, base) : 0;
  return { rowCount: ownRows + kept, restId: null, portalRows };
}
