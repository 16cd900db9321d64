/** What the portal's commands on live connectors work with, from the environment of this process. */
import type { Redis } from 'ioredis';
import { reach } from '../archive/telemessage/reach.ts';
import { env } from '../env.ts';
import type { OriginalDeps } from '../imports/original.ts';
import { limits } from '../limits/composition.ts';
import { FileTurns } from '../mapping/file-turns.ts';
import { redisConnection } from '../queue/connection.ts';
import { type Change, publishChange } from '../queue/events.ts';
import { connectStaging } from '../staging/connect.ts';
import type { SealedBlobs } from '../staging/sealed-blobs.ts';
import { mailFacts, setUpParts, stagingSettings } from './composition.ts';
import type { FallbackParts } from './fallback-mailbox.ts';
import type { MailboxLimitParts } from './mailbox-limit.ts';
import { KeptAnswers } from './mapping/kept-answers.ts';
import type { ComparingParts } from './mapping/parts.ts';
import type { ReadingParts } from './mapping/use-cases.ts';
import type { MendParts } from './mend.ts';
import { openTeleMessage } from './open-source.ts';
import type { SourceStatusParts } from './source-status.ts';
import type { ValidateParts } from './validate.ts';

const holder = globalThis as typeof globalThis & {
  portalPublisher?: Redis;
  portalStaging?: SealedBlobs;
  portalComparisons?: KeptAnswers;
  portalFileTurns?: Readonly<Record<'upload' | 'errors', FileTurns>>;
};

/** Tells open pages that a connector changed. A page that is not told is a moment behind, and no more. */
export function notify(change: Change): void {
  holder.portalPublisher ??= redisConnection(env().REDIS_URL);
  void publishChange(holder.portalPublisher, env().REDIS_PREFIX, change);
}

export function mendParts(): MendParts & MailboxLimitParts {
  return { ...setUpParts(), notify };
}

export function commandParts(): { readonly pool: SourceStatusParts['pool'] } & Pick<MendParts, 'enqueue' | 'notify'> {
  const { database, enqueue } = setUpParts();
  return { pool: database.pool, enqueue, notify };
}

export function fallbackParts(): FallbackParts {
  const { graphOf, log } = setUpParts();
  return { ...commandParts(), graph: graphOf, log };
}

export function mappingParts(): ReadingParts {
  const { database, enqueue, graphOf } = setUpParts();
  return { database, enqueue, notify, graph: graphOf, kept: comparisons() };
}

export function comparingParts(): ComparingParts {
  const { database, keyRing } = setUpParts();
  return { database, keyRing, kept: comparisons() };
}

/** One a process: what it keeps of comparisons is kept for every page. */
function comparisons(): KeptAnswers {
  holder.portalComparisons ??= new KeptAnswers({ ...KEPT_COMPARISONS, now: () => new Date() });
  return holder.portalComparisons;
}

const KEPT_COMPARISONS = { lifetimeMs: 5 * 60_000, most: 500 };

/** Lists of errors have turns of their own: they end when a browser has taken them. */
export function fileTurns(purpose: 'upload' | 'errors'): FileTurns {
  holder.portalFileTurns ??= { upload: new FileTurns(TURNS), errors: new FileTurns(TURNS) };
  return holder.portalFileTurns[purpose];
}

const TURNS = { atOnce: 2, mostWaiting: 40, longestMs: 20_000 };

export function sourceStatusParts(): SourceStatusParts {
  const { database, keyRing } = setUpParts();
  return {
    pool: database.pool,
    keyRing,
    openSource: openGuarded,
  };
}

const openGuarded: ValidateParts['openSource'] = (kind, credentials, guard, organizationId) =>
  openTeleMessage(limits(), env().TELEMESSAGE_URL, {
    organizationId,
    kind,
    credentials: async () => credentials,
    guard,
  });

export function validateParts(): ValidateParts {
  const { tokens, graphOf, clock } = setUpParts();
  const reachSource = (signal: AbortSignal) => reach(env().TELEMESSAGE_URL, signal);
  return { ...sourceStatusParts(), reachSource, openSource: openGuarded, tokens, graphOf, now: clock };
}

export function originalParts(): OriginalDeps {
  const { database, keyRing } = setUpParts();
  holder.portalStaging ??= connectStaging(stagingSettings());
  const { UNMAPPED_DOMAIN: unmappedDomain } = env();
  return { pool: database.pool, keyRing, staging: holder.portalStaging, mailFacts, unmappedDomain };
}
