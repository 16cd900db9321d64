/** What the use-cases of a live connector's mapping work with. */
import type { Database } from '../../db.ts';
import type { CommandDeps } from '../../imports/commands.ts';
import type { Graph } from '../../microsoft/graph.ts';
import type { KeyRing } from '../../security/keyring.ts';
import type { KeptAnswers } from './kept-answers.ts';

export interface MappingParts extends Pick<CommandDeps, 'enqueue' | 'notify'> {
  readonly database: Database;
  /** what is kept of comparisons; left out: every comparison is made anew */
  readonly kept?: KeptAnswers;
}

/** Those that read addresses as people wrote them know the organization's domains from its directory. */
export interface ReadingParts extends MappingParts {
  /** Graph as an organization's application sees it */
  readonly graph: (organizationId: string) => Graph;
}

/** Those that compare versions a page at a time. */
export interface ComparingParts extends Pick<MappingParts, 'database' | 'kept'> {
  readonly keyRing: KeyRing;
}
