/** What correcting needs of the world: the engine's parts, the database, and attachments as Graph gives them back. */
import type pg from 'pg';
import type { ImportDeps } from '../imports/deps.ts';
import type { Download } from '../microsoft/download.ts';

export interface CorrectionDeps extends ImportDeps {
  readonly pool: pg.Pool;
  /** Graph's answers as streams, as this organization's application gets them. */
  readonly download: (organizationId: string) => Download;
}
