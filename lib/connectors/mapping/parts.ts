/** What the use-cases of a live connector's mapping work with. */
import type { Database } from '../../db.ts';
import type { CommandDeps } from '../../imports/commands.ts';

export interface MappingParts extends Pick<CommandDeps, 'enqueue' | 'notify'> {
  readonly database: Database;
}
