/**
 * What the import engine needs of the world, as one parameter: real in the worker, others in a test. Composed in
 * `workers/composition.ts`.
 */
import type { Logger } from 'pino';
import type { ArchiveSource } from '../archive/source.ts';
import type { MailFacts } from '../mail/plan.ts';
import type { Graph } from '../microsoft/graph.ts';
import type { Change } from '../queue/events.ts';
import type { EnqueueOptions, JobData, JobName } from '../queue/jobs.ts';
import type { KeyRing } from '../security/keyring.ts';
import type { SealedBlobs } from '../staging/sealed-blobs.ts';
import type { Clock } from './clock.ts';
import type { Ledger } from './ledger.ts';
import type { ShardsAtWork } from './shards-at-work.ts';
import type { RunningConnector } from './store/connectors.ts';

export type { RunningConnector } from './store/connectors.ts';

export interface ImportSettings {
  /** how long an import or a shard of mailboxes belongs to a worker that does not renew */
  readonly shardLeaseSeconds: number;
  /** how long after its deadline a request may still take effect at Microsoft */
  readonly lateCommitSeconds: number;
  /** longest time that one Graph request may take */
  readonly graphTimeoutSeconds: number;
  readonly unmappedDomain: string;
  /** the operator's choice of a message class; null: the catalogue's */
  readonly messageClass: string | null;
}

export interface ImportDeps {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** a number in [0, 1): for jitter */
  readonly random: () => number;
  /** Waits for a turn where many large requests would be in memory at once; one of these a process. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** of this process; one of these a process */
  readonly shardsAtWork: ShardsAtWork;
  readonly staging: SealedBlobs;
  readonly keyRing: KeyRing;
  readonly settings: ImportSettings;
  readonly log: Logger;
  /** who holds leases: unique to this process's life */
  readonly owner: string;
  /** The source of a connector, signed in with its sealed credentials when first asked. */
  readonly source: (connector: RunningConnector) => ArchiveSource;
  /** What the catalogue says of a kind's mail. */
  readonly mailFacts: (kind: string) => MailFacts & { readonly folderName: string };
  /** Whether the organization still lets this application write mail: asks for a fresh token. @throws AppTokenError */
  readonly mayWriteMail: (organizationId: string) => Promise<boolean>;
  /** Graph as this organization's application sees it. */
  readonly graph: (organizationId: string) => Graph;
  /** Tells open pages that something changed. Never fails, never waits for long. */
  readonly notify: (change: Change) => void;
  readonly enqueue: <N extends JobName>(name: N, data: JobData<N>, options?: EnqueueOptions) => Promise<void>;
}
