/** What one round over an organization works with. */
import type { ConnectorRow } from '../connectors/snapshot.ts';
import type { Queryable } from '../db.ts';
import type { Single } from './content.ts';
import type { ToTell } from './outbox.ts';
import type { SettingRow } from './store/settings.ts';
import { targetsOf } from './targets.ts';

/** A connector of which somebody set who is told. */
export interface Watched {
  readonly setting: SettingRow;
  readonly row: ConnectorRow;
}

export interface Round {
  readonly client: Queryable;
  readonly organizationId: string;
  readonly now: Date;
  /** by the connector's id */
  readonly watched: ReadonlyMap<string, Watched>;
}

/** The same for everybody who is told of a connector. */
export function toEach(setting: SettingRow, content: Single): ToTell[] {
  return targetsOf(setting).map((target) => ({ target, content }));
}
