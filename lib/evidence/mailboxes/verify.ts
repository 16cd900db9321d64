/**
 * Verifying mailboxes: every copy of a time is read back and held against the ledger. Nothing is ever written to a mailbox.
 * Copies stream through; the copies in hand and one folder id a mailbox are all that is kept.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type pg from 'pg';
import { auditIn, SYSTEM } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { isAsListed, type LedgerCopy, ledgerCopies, type VerifiedConnector } from './copies.ts';
import { readOnly } from './read-only.ts';
import type { ComparedWith, Result, Verdict } from './verdict.ts';
import { CopyVerifier, type VerifyDeps } from './verify-copy.ts';

/** A mailbox takes four requests at once; half of them are left to imports that go on meanwhile. */
const AT_ONCE_IN_A_MAILBOX = 2;
/** Requests at once in all. */
const AT_ONCE = 16;
/** Copies in hand: so many wait for a mailbox that asks for a pause while others go on. */
const IN_HAND = 1_000;
const SET = 500;

export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export interface Summary {
  readonly copies: number;
  readonly results: Readonly<Record<Result, number>>;
  readonly comparedWith: Readonly<Record<ComparedWith, number>>;
  /** of copies that were corrected, retried or moved by the ledger itself while this ran: they are not judged */
  readonly changedMeanwhile: number;
  /** false where it was ended before all copies were looked at */
  readonly isComplete: boolean;
}

/** Told of each copy, in the order in which mailboxes answered. */
export type Told = (copy: LedgerCopy, verdict: Verdict) => void;

/**
 * Looks at every copy of a connector whose item reached the source in the period, and notes the outcome in the audit log.
 *
 * @param signal ends it early; what was found until then is noted and returned
 * @throws AppTokenError: Microsoft 365 does not let this application in; it is noted as far as it came
 */
export async function verifyMailboxes(
  deps: VerifyDeps & { readonly pool: pg.Pool },
  connector: VerifiedConnector,
  { from, to }: Period,
  told: Told,
  signal: AbortSignal,
): Promise<Summary> {
  const { pool } = deps;
  const { organizationId, id: connectorId } = connector;
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  const graph = readOnly(deps.graph(organizationId));
  const verifier = new CopyVerifier({ ...deps, graph: () => graph }, connector, ends);
  const tally = new Tally();
  const mailboxes = new Turns();
  const inHand = new Set<Promise<void>>();
  let failure: unknown = null;

  const judge = async (copy: LedgerCopy): Promise<void> => {
    const verdict = await mailboxes.in(copy.userId, () => verifier.verify(copy, mailboxes.all));
    const isDoubtful = verdict.result === 'missing' || verdict.result === 'changed';
    if (isDoubtful && !(await isAsListed(pool, organizationId, copy))) {
      tally.changedMeanwhile += 1;
      return;
    }
    tally.add(verdict);
    told(copy, verdict);
  };
  try {
    for await (const copy of ledgerCopies(pool, { organizationId, connectorId, from, to }, SET)) {
      if (ends.aborted) break;
      const judged = judge(copy)
        .catch((error: unknown) => {
          if (ends.aborted) return;
          failure ??= error;
          failed.abort();
        })
        .finally(() => inHand.delete(judged));
      inHand.add(judged);
      if (inHand.size >= IN_HAND) await Promise.race(inHand);
    }
  } finally {
    await Promise.all(inHand);
  }
  const summary = tally.summary(!ends.aborted);
  await note(pool, connector, { from, to }, summary);
  if (failure !== null) throw failure;
  return summary;
}

async function note(pool: pg.Pool, connector: VerifiedConnector, period: Period, summary: Summary): Promise<void> {
  const { results, copies, comparedWith, changedMeanwhile, isComplete } = summary;
  const { found, moved, missing, changed: differing, unread } = results;
  const who = { ...SYSTEM, organizationId: connector.organizationId };
  const detail = {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    ...{ copies, found, moved, missing, differing, unread, changedMeanwhile, isComplete },
    comparedWith: { ...comparedWith },
  };
  await inTransaction(pool, (client) =>
    auditIn(client, who, { action: 'mailboxes.verified', connectorId: connector.id, detail }),
  );
}

class Tally {
  changedMeanwhile = 0;
  readonly #results: Record<Result, number> = { found: 0, moved: 0, missing: 0, changed: 0, unread: 0 };
  readonly #comparedWith: Record<ComparedWith, number> = { ledger: 0, header: 0, nothing: 0 };

  add({ result, comparedWith }: Verdict): void {
    this.#results[result] += 1;
    if (comparedWith !== null) this.#comparedWith[comparedWith] += 1;
  }

  summary(isComplete: boolean): Summary {
    const copies = Object.values(this.#results).reduce((sum, count) => sum + count, 0);
    const { changedMeanwhile } = this;
    return { copies, results: this.#results, comparedWith: this.#comparedWith, changedMeanwhile, isComplete };
  }
}

/** Places of each mailbox, and of all together. */
class Turns {
  readonly all: <T>(work: () => Promise<T>) => Promise<T> = pLimit(AT_ONCE);
  readonly #mailboxes = new Map<string, LimitFunction>();

  async in<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#mailboxes.get(userId) ?? pLimit(AT_ONCE_IN_A_MAILBOX);
    this.#mailboxes.set(userId, turns);
    try {
      return await turns(work);
    } finally {
      if (turns.activeCount === 0 && turns.pendingCount === 0) this.#mailboxes.delete(userId);
    }
  }
}
